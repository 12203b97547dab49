#include <immintrin.h>

#include <type_traits>

#include "tactics/cpu/kernels/integer_kernels.h"
#include "tactics/cpu/kernels/pair_kernels.h"
#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay::avx2 {

constexpr int kBytes = 32;
#include "tactics/cpu/kernels/taps_inl.h"
// Apart: it uses nothing of the other.
#include "tactics/cpu/kernels/integers_inl.h"

namespace {
constexpr int kPairRows = 6;
inline Int MultiplyPairs(Int a, Int b) {
  return reinterpret_cast<Int>(
      _mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
}  // namespace

#include "tactics/cpu/kernels/pairs_inl.h"

}  // namespace assay::avx2
