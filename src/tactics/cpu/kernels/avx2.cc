#include <immintrin.h>

#include "tactics/cpu/kernels/kernel_set.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay::avx2 {
namespace {

using Vector = __m256;
constexpr int kLanes = 8;
constexpr int kRows = 6;
constexpr int kVectors = 2;

inline Vector Zero() { return _mm256_setzero_ps(); }
inline Vector Load(const float* p) { return _mm256_loadu_ps(p); }
inline void Store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
inline Vector Broadcast(float x) { return _mm256_set1_ps(x); }
inline Vector Add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
inline Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
// The second operand where either is NaN.
inline Vector Above(Vector bound, Vector x) { return _mm256_max_ps(bound, x); }
inline Vector Below(Vector bound, Vector x) { return _mm256_min_ps(bound, x); }
// The first `count` floats and zeros.
inline Vector LoadFirst(const float* p, int64_t count) {
  alignas(32) static constexpr int32_t kMask[2 * kLanes] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const auto* mask = reinterpret_cast<const __m256i*>(kMask + kLanes - count);
  return _mm256_maskload_ps(p, _mm256_loadu_si256(mask));
}
inline void SplitPairs(Vector a, Vector b, Vector* even, Vector* odd) {
  const auto join = [](Vector v) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xD8));
  };
  *even = join(_mm256_shuffle_ps(a, b, 0x88));
  *odd = join(_mm256_shuffle_ps(a, b, 0xDD));
}
inline void StoreFirst(float* p, int64_t count, Vector v) {
  alignas(32) static constexpr int32_t kMask[2 * kLanes] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const auto* mask = reinterpret_cast<const __m256i*>(kMask + kLanes - count);
  _mm256_maskstore_ps(p, _mm256_loadu_si256(mask), v);
}
// The greater one; NaN is above everything, and `most` stays where they are equal.
inline Vector Higher(Vector most, Vector x) {
  const Vector unordered = _mm256_cmp_ps(x, x, _CMP_UNORD_Q);
  return _mm256_blendv_ps(_mm256_max_ps(x, most), x, unordered);
}
inline Vector Divide(Vector a, Vector b) { return _mm256_div_ps(a, b); }
inline Vector Gather(const float* in, const int32_t* indices) {
  return _mm256_i32gather_ps(in, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(indices)), 4);
}
inline float ScalarMultiplyAdd(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"
#include "tactics/cpu/kernels/windows_inl.h"
// Uses functions of windows_inl.h.
#include "tactics/cpu/kernels/pools_inl.h"

}  // namespace assay::avx2
