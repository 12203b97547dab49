#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::portable {

constexpr int kBytes = 16;
#include "tactics/cpu/kernels/taps_inl.h"

}  // namespace assay::portable
