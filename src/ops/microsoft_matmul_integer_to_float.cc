#include "ops/matmul_shape.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"
#include "ops/quantized_operand.h"
#include "ops/scaled_product.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kResults = DTypeSet::Of(DType::kFloat32, DType::kFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kQuantizedBytes},
                {"B", kQuantizedBytes},
                {"a_scale", kResults},
                {"b_scale", kResults},
                {"a_zero_point", kQuantizedBytes, Arity::kOptional},
                {"b_zero_point", kQuantizedBytes, Arity::kOptional},
                {"bias", kResults, Arity::kOptional}},
     .outputs = {{"Y", kResults}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 4}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, 5}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({2, 3, 6}));
  return InferMatMul(context, 0, 1, context.InputType(2));
}

Status Reference(ReferenceContext& context) {
  ScaledOperand left;
  left.shape = context.Input(0).shape();
  ASSAY_RETURN_IF_ERROR(QuantizationValue(context, 4, 0).status());
  ASSAY_ASSIGN_OR_RETURN(left.values, CenteredOperand(context, 0, 4, 0));
  ASSAY_ASSIGN_OR_RETURN(left.scale, QuantizationValue(context, 2, 1));
  return StoreScaledProduct(context, left, {.tensor = 1, .scale = 3, .zero_point = 5, .bias = 6});
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<uint8_t>({2, 2}, {3, 5, 1, 2});
  const Tensor b = Tensor::Of<int8_t>({2, 2}, {1, -2, 3, 4});
  const Tensor half = Tensor::Scalar<float>(0.5F);
  cases.push_back({.name = "without_zero_points",
                   .inputs = {a, b, half, half},
                   .expected = {Tensor::Of<float>({2, 2}, {4.5F, 3.5F, 1.75F, 1.5F})}});
  cases.push_back({.name = "per_column",
                   .inputs = {a, b, half, Tensor::Vector<float>({1, 2}), Tensor::Scalar<uint8_t>(1),
                              Tensor::Vector<int8_t>({1, -2}), Tensor::Vector<float>({10, 20})},
                   // (2, 4; 0, 1) x (0, 0; 2, 6).
                   .expected = {Tensor::Of<float>({2, 2}, {14, 44, 11, 26})}});
}

}  // namespace

extern const OpDef kMicrosoftMatMulIntegerToFloat;
const OpDef kMicrosoftMatMulIntegerToFloat = {.name = "MatMulIntegerToFloat",
                                              .domain = kMicrosoftDomain,
                                              .schemas = kSchemas,
                                              .infer = Infer,
                                              .reference = Reference,
                                              .cases = Cases};

}  // namespace assay
