#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::avx2 {

constexpr int kBytes = 32;
#include "tactics/cpu/kernels/taps_inl.h"

}  // namespace assay::avx2
