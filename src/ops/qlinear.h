#pragma once

#include <cstdint>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {

// Operators of ONNX Runtime on tensors of 8-bit integers with one scale and zero point each: inputs
// are dequantized, computed with in float64 and quantized again, ties to even.

inline constexpr DTypeSet kQuantizedBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);
inline constexpr DTypeSet kQuantizationScale = DTypeSet::Of(DType::kFloat32);

// Where a quantized tensor stands among the inputs: the tensor (-1 for an output), its scale and
// its zero point (may be left out, then 0).
struct QuantizedAt {
  int tensor = -1;
  int scale = 0;
  int zero_point = 0;
};

// The value of a scale or zero point, `otherwise` where it is left out. Errors: kInvalidInput
// unless it has one element.
Result<double> QuantizationValue(const ReferenceContext& context, int index, double otherwise);

// (tensor - zero point) * scale in float64.
Result<Tensor> Dequantized(const ReferenceContext& context, QuantizedAt at);

// output 0, of the type of the tensor's declared output, = saturate(round(values / scale) + zero
// point).
Status StoreRequantized(ReferenceContext& context, const Tensor& values, QuantizedAt at);

// Schemas of operators on one tensor: X, X_scale, X_zero_point, Y_scale, Y_zero_point.
constexpr OpSchema QLinearUnarySchema(Arity input_zero_point, Arity output_zero_point,
                                      InlineList<AttributeDef, 16> attributes) {
  return {1,
          {},
          {{"X", kQuantizedBytes},
           {"X_scale", kQuantizationScale},
           {"X_zero_point", kQuantizedBytes, input_zero_point},
           {"Y_scale", kQuantizationScale},
           {"Y_zero_point", kQuantizedBytes, output_zero_point}},
          {{"Y", kQuantizedBytes}},
          attributes};
}
inline constexpr QuantizedAt kUnaryInput = {0, 1, 2};
inline constexpr QuantizedAt kUnaryOutput = {-1, 3, 4};

// Two tensors A and B and the output C, each with scale and zero point.
constexpr OpSchema QLinearBinarySchema() {
  return {1,
          {},
          {{"A", kQuantizedBytes},
           {"A_scale", kQuantizationScale},
           {"A_zero_point", kQuantizedBytes, Arity::kOptional},
           {"B", kQuantizedBytes},
           {"B_scale", kQuantizationScale},
           {"B_zero_point", kQuantizedBytes, Arity::kOptional},
           {"C_scale", kQuantizationScale},
           {"C_zero_point", kQuantizedBytes, Arity::kOptional}},
          {{"C", kQuantizedBytes}},
          {}};
}
// Types are one, and C has the broadcast shape of A and B.
Status InferQLinearBinary(InferContext& context);
// C = op(A, B) for an operator of ONNX.
Status ComputeQLinearBinary(ReferenceContext& context, std::string_view op);

// Output 0 has type and shape of input 0; zero points have that type too.
Status InferQLinearUnary(InferContext& context);
// Y = op(X) for an operator of ONNX.
Status ComputeQLinearUnary(ReferenceContext& context, std::string_view op,
                           std::vector<Attribute> attributes, int opset);

}  // namespace assay
