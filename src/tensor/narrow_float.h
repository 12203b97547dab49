#pragma once

#include <cstdint>

#include "tensor/dtype.h"

namespace assay {

// Bits of the narrow floating-point types, as their own types so that spans of them are typed.
struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

// Exact value of `bits` in a floating type of at most 16 bits. float8_e8m0fnu is 2^(bits-127).
double DecodeNarrowFloat(DType dtype, uint16_t bits);

// Nearest value of the type to `value`, ties to even (float8_e8m0fnu: ties up, as ONNX says).
// Overflow: to infinity where the type has one, else to its largest finite value if `saturate`,
// else to NaN. With `saturate`, types with infinities clamp too. NaN stays NaN where the type has
// one, else the largest finite value (float4, float6).
uint16_t EncodeNarrowFloat(DType dtype, double value, bool saturate = false);

// Largest finite value of any floating type; infinity for a type that is none.
double LargestFinite(DType dtype);

// Rounds to the nearest value of any floating type and returns it as a double. kFloat64 is the
// identity.
double RoundToDType(DType dtype, double value);

}  // namespace assay
