#include "ops/apply_operator.h"
#include "ops/matmul_shape.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"
#include "ops/scaled_product.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kQuantizationScale},
                {"B", kQuantizedBytes},
                {"b_scale", kQuantizationScale},
                {"b_zero_point", kQuantizedBytes, Arity::kOptional},
                {"bias", kQuantizationScale, Arity::kOptional}},
     .outputs = {{"Y", kQuantizationScale}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, 3}));
  return InferMatMul(context, 0, 1, context.InputType(0));
}

// A is quantized to uint8 as DynamicQuantizeLinear does it.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(
      const std::vector<Tensor> quantized,
      ApplyOperator(context, "DynamicQuantizeLinear", {&context.Input(0)}, {}, kAppliedOpset,
                    {DType::kUInt8, DType::kFloat64, DType::kUInt8}));
  ScaledOperand left;
  left.shape = context.Input(0).shape();
  left.scale = quantized[1].ValueAsDouble(0);
  const double zero_point = quantized[2].ValueAsDouble(0);
  for (uint8_t value : quantized[0].data<uint8_t>()) left.values.push_back(value - zero_point);
  return StoreScaledProduct(context, left, {.tensor = 1, .scale = 2, .zero_point = 3, .bias = 4});
}

void Cases(std::vector<OpCase>& cases) {
  // Steps of 1 around the zero point 55: -55, 200 and 1.4, which becomes 1.
  const Tensor a = Tensor::Of<float>({1, 3}, {-55, 200, 1.4F});
  cases.push_back({.name = "per_column_with_bias",
                   .inputs = {a, Tensor::Of<uint8_t>({3, 2}, {2, 1, 1, 1, 11, 3}),
                              Tensor::Vector<float>({1, 0.5F}), Tensor::Vector<uint8_t>({1, 1}),
                              Tensor::Vector<float>({0, 100})},
                   .expected = {Tensor::Of<float>({1, 2}, {-45, 101})}});
  cases.push_back({.name = "signed",
                   .inputs = {a, Tensor::Of<int8_t>({3, 1}, {0, -1, 10}), Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<float>({1, 1}, {-380})}});
}

}  // namespace

extern const OpDef kMicrosoftDynamicQuantizeMatMul;
const OpDef kMicrosoftDynamicQuantizeMatMul = {.name = "DynamicQuantizeMatMul",
                                               .domain = kMicrosoftDomain,
                                               .schemas = kSchemas,
                                               .infer = Infer,
                                               .reference = Reference,
                                               .cases = Cases};

}  // namespace assay
