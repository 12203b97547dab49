#include <immintrin.h>

#include "tactics/cpu/kernels/kernel_set.h"

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
inline float ScalarMultiplyAdd(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"

}  // namespace assay::avx2
