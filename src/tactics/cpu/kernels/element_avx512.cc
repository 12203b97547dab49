// GCC 12 warns of the undefined operands in its own intrinsics (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "tactics/cpu/kernels/element_kernels.h"

namespace assay::avx512 {
namespace {

constexpr int kBytes = 64;
#include "tactics/cpu/kernels/vector_types_inl.h"

inline Float MultiplyAdd(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
inline Double MultiplyAdd(Double a, Double b, Double c) { return _mm512_fmadd_pd(a, b, c); }
inline Float SquareRoot(Float x) { return _mm512_sqrt_ps(x); }
inline Float RoundDown(Float x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
inline Float RoundUp(Float x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC);
}
inline Float RoundToEven(Float x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline Double WidenLow(Float x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
inline Double WidenHigh(Float x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }
inline Float Narrow(Double low, Double high) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}
inline __mmask16 PartMask(int64_t count) {
  return static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
}
inline Float LoadPart(const float* p, int64_t count) {
  return _mm512_maskz_loadu_ps(PartMask(count), p);
}
inline void StorePart(float* p, Float v, int64_t count) {
  _mm512_mask_storeu_ps(p, PartMask(count), v);
}

#include "tactics/cpu/kernels/row_loops_inl.h"

}  // namespace

extern const ElementKernels kElementKernels;
const ElementKernels kElementKernels = ASSAY_ELEMENT_KERNELS;

}  // namespace assay::avx512
