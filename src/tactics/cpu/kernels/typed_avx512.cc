#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::avx512 {

constexpr int kBytes = 64;
#include "tactics/cpu/kernels/taps_inl.h"

}  // namespace assay::avx512
