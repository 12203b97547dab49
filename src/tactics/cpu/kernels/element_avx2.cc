#include <immintrin.h>

#include "tactics/cpu/kernels/element_kernels.h"

namespace assay::avx2 {
namespace {

constexpr int kBytes = 32;
#include "tactics/cpu/kernels/vector_types_inl.h"

inline Float MultiplyAdd(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
inline Double MultiplyAdd(Double a, Double b, Double c) { return _mm256_fmadd_pd(a, b, c); }
inline Float SquareRoot(Float x) { return _mm256_sqrt_ps(x); }
inline Float RoundDown(Float x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
inline Float RoundUp(Float x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC);
}
inline Float RoundToEven(Float x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline Double WidenLow(Float x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
inline Double WidenHigh(Float x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
inline Float Narrow(Double low, Double high) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high),
                              1);
}
inline __m256i PartMask(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Float LoadPart(const float* p, int64_t count) {
  return _mm256_maskload_ps(p, PartMask(count));
}
inline void StorePart(float* p, Float v, int64_t count) {
  _mm256_maskstore_ps(p, PartMask(count), v);
}

#include "tactics/cpu/kernels/row_loops_inl.h"

}  // namespace

extern const ElementKernels kElementKernels;
const ElementKernels kElementKernels = ASSAY_ELEMENT_KERNELS;

}  // namespace assay::avx2
