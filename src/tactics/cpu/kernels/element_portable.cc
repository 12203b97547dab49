#include "tactics/cpu/kernels/element_kernels.h"

namespace assay::portable {
namespace {

constexpr int kBytes = 16;
#include "tactics/cpu/kernels/vector_types_inl.h"

inline Float MultiplyAdd(Float a, Float b, Float c) { return a * b + c; }
inline Double MultiplyAdd(Double a, Double b, Double c) { return a * b + c; }
inline Float SquareRoot(Float x) {
  Float root = x;
  for (int i = 0; i < kLanes; ++i) root[i] = __builtin_sqrtf(x[i]);
  return root;
}
inline Double WidenLow(Float x) { return Double{x[0], x[1]}; }
inline Double WidenHigh(Float x) { return Double{x[2], x[3]}; }
inline Float Narrow(Double low, Double high) {
  return Float{static_cast<float>(low[0]), static_cast<float>(low[1]), static_cast<float>(high[0]),
               static_cast<float>(high[1])};
}
inline Float WithSignOf(Float magnitude, Float sign) {
  const Int bit = Int{} + (-2147483647 - 1);
  return reinterpret_cast<Float>((reinterpret_cast<Int>(magnitude) & ~bit) |
                                 (reinterpret_cast<Int>(sign) & bit));
}
// Below 2^23 the addition rounds to an integer, above there are only integers.
inline Float RoundToEven(Float x) {
  const Float large = Float{} + 0x1p23F;
  const Float magnitude = WithSignOf(x, large);
  const Float rounded = (magnitude + large) - large;
  return magnitude < large ? WithSignOf(rounded, x) : x;
}
inline Float RoundDown(Float x) {
  const Float rounded = RoundToEven(x);
  return WithSignOf(rounded > x ? rounded - 1.0F : rounded, x);
}
inline Float RoundUp(Float x) {
  const Float rounded = RoundToEven(x);
  return WithSignOf(rounded < x ? rounded + 1.0F : rounded, x);
}
inline Float LoadPart(const float* p, int64_t count) {
  Float v = {};
  for (int i = 0; i < count; ++i) v[i] = p[i];
  return v;
}
inline void StorePart(float* p, Float v, int64_t count) {
  for (int i = 0; i < count; ++i) p[i] = v[i];
}

#include "tactics/cpu/kernels/row_loops_inl.h"

}  // namespace

extern const ElementKernels kElementKernels;
const ElementKernels kElementKernels = ASSAY_ELEMENT_KERNELS;

}  // namespace assay::portable
