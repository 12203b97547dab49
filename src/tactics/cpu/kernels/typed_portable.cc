#include <type_traits>

#include "tactics/cpu/kernels/integer_kernels.h"
#include "tactics/cpu/kernels/pair_kernels.h"
#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::portable {

constexpr int kBytes = 16;
#include "tactics/cpu/kernels/taps_inl.h"
// Apart: it uses nothing of the other.
#include "tactics/cpu/kernels/integers_inl.h"

namespace {
constexpr int kPairRows = 4;
inline Int MultiplyPairs(Int a, Int b) {
  return ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
}
}  // namespace

#include "tactics/cpu/kernels/pairs_inl.h"

}  // namespace assay::portable
