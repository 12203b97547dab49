#include <immintrin.h>

#include "tactics/cpu/kernels/kernel_set.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay::avx512 {
namespace {

using Vector = __m512;
constexpr int kLanes = 16;
constexpr int kRows = 12;
constexpr int kVectors = 2;

inline Vector Zero() { return _mm512_setzero_ps(); }
inline Vector Load(const float* p) { return _mm512_loadu_ps(p); }
inline void Store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
inline Vector Broadcast(float x) { return _mm512_set1_ps(x); }
inline Vector Add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
inline Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
// The second operand where either is NaN. The forms without a mask make GCC 12 warn.
inline Vector Above(Vector bound, Vector x) { return _mm512_maskz_max_ps(0xFFFF, bound, x); }
inline Vector Below(Vector bound, Vector x) { return _mm512_maskz_min_ps(0xFFFF, bound, x); }
// The first `count` floats and zeros.
inline Vector LoadFirst(const float* p, int64_t count) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1), p);
}
inline void SplitPairs(Vector a, Vector b, Vector* even, Vector* odd) {
  const __m512i first =
      _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(1));
  *even = _mm512_permutex2var_ps(a, first, b);
  *odd = _mm512_permutex2var_ps(a, second, b);
}
inline void StoreFirst(float* p, int64_t count, Vector v) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1U << count) - 1), v);
}
// The greater one; NaN is above everything, and `most` stays where they are equal.
inline Vector Higher(Vector most, Vector x) {
  const __mmask16 unordered = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  return _mm512_mask_mov_ps(_mm512_maskz_max_ps(0xFFFF, x, most), unordered, x);
}
inline Vector Divide(Vector a, Vector b) { return _mm512_div_ps(a, b); }
inline Vector Gather(const float* in, const int32_t* indices) {
  return _mm512_mask_i32gather_ps(Zero(), 0xFFFF, _mm512_loadu_si512(indices), in, 4);
}
inline float ScalarMultiplyAdd(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"
#include "tactics/cpu/kernels/windows_inl.h"
// Uses functions of windows_inl.h.
#include "tactics/cpu/kernels/pools_inl.h"

}  // namespace assay::avx512
