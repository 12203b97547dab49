#include <immintrin.h>

#include "tactics/cpu/kernels/kernel_set.h"

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
inline float ScalarMultiplyAdd(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"

}  // namespace assay::avx512
