#include <type_traits>

#include "tactics/cpu/kernels/integer_kernels.h"
#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::avx512 {

constexpr int kBytes = 64;
#include "tactics/cpu/kernels/taps_inl.h"
// Apart: it uses nothing of the other.
#include "tactics/cpu/kernels/integers_inl.h"

}  // namespace assay::avx512
