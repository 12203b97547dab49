#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"
#include "ops/quantized_operand.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kQuantizedBytes},
                {"a_scale", kQuantizationScale},
                {"a_zero_point", kQuantizedBytes},
                {"B", kQuantizedBytes},
                {"b_scale", kQuantizationScale},
                {"b_zero_point", kQuantizedBytes},
                {"C", DTypeSet::Of(DType::kInt32), Arity::kOptional},
                {"y_scale", kQuantizationScale, Arity::kOptional},
                {"y_zero_point", kQuantizedBytes, Arity::kOptional}},
     .outputs = {{"Y", kQuantizationScale | kQuantizedBytes}},
     .attributes = {FloatAttribute("alpha", 1), IntAttribute("transA", 0),
                    IntAttribute("transB", 0)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({3, 5}));
  if (context.HasInput(7) != context.HasInput(8)) {
    return OpContext::Invalid("y_scale and y_zero_point: expected both or none of them");
  }
  Node node = context.node();
  node.inputs.resize(2);
  InferContext gemm(node, context.schema(),
                    {{context.InputValueType(0), nullptr, nullptr},
                     {context.InputValueType(3), nullptr, nullptr}});
  ASSAY_RETURN_IF_ERROR(FindOp("", "Gemm")->infer(gemm));
  ValueType type = gemm.outputs()[0].type;
  type.dtype = context.HasInput(8) ? context.InputType(8) : DType::kFloat32;
  context.SetOutputType(0, std::move(type));
  return OkStatus();
}

// An operand minus its zero point, which has one value or one per index of `axis`.
Result<Tensor> Centered(const ReferenceContext& context, int index, int zero_point, int axis) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> values,
                         CenteredOperand(context, index, zero_point, axis));
  return Tensor::Of(context.Input(index).shape(), values);
}

// C is of the scale alpha * a_scale * b_scale: it joins the sums before they are scaled.
Status Reference(ReferenceContext& context) {
  for (int operand : {0, 3}) {
    if (context.Input(operand).shape().rank() == 2) continue;
    return OpContext::Invalid(fmt::format("input {}: expected rank 2, got shape {}", operand,
                                          context.Input(operand).shape().ToString()));
  }
  ASSAY_RETURN_IF_ERROR(QuantizationValue(context, 2, 0).status());
  ASSAY_ASSIGN_OR_RETURN(const Tensor a, Centered(context, 0, 2, 0));
  ASSAY_ASSIGN_OR_RETURN(const Tensor b,
                         Centered(context, 3, 5, context.Int("transB") != 0 ? 0 : 1));
  Tensor c;
  if (context.HasInput(6)) {
    ASSAY_ASSIGN_OR_RETURN(c, ConvertTensor(context.Input(6), DType::kFloat64));
  }
  ASSAY_ASSIGN_OR_RETURN(
      Tensor y,
      ApplyOperator(context, "Gemm", {&a, &b, c.valid() ? &c : nullptr},
                    {{"transA", context.Int("transA")}, {"transB", context.Int("transB")}}));
  ASSAY_ASSIGN_OR_RETURN(const double a_scale, QuantizationValue(context, 1, 1));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> b_scale,
                         ExpandParameter(context, 4, Shape{y.shape()[1]}, 0));
  const double factor = context.Float("alpha") * a_scale;
  const std::span<double> values = y.mutable_data<double>();
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factor * b_scale[i % b_scale.size()];
  if (context.HasInput(8)) return StoreRequantized(context, y, {-1, 7, 8});
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<uint8_t>({2, 1}, {3, 5});
  const Tensor a_zero = Tensor::Scalar<uint8_t>(1);
  const Tensor half = Tensor::Scalar<float>(0.5F);
  // (2, 4) times the columns (2), (-1) after their zero points.
  cases.push_back({.name = "float_with_bias",
                   .attributes = {{"transA", int64_t{1}}, {"alpha", 2.0F}},
                   .inputs = {a, half, a_zero, Tensor::Of<int8_t>({2, 2}, {3, 0, 3, 0}),
                              Tensor::Vector<float>({1, 10}), Tensor::Vector<int8_t>({1, 1}),
                              Tensor::Vector<int32_t>({100, 1})},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Of<float>({1, 2}, {112, -50})}});
  cases.push_back({.name = "quantized_with_transposed_columns",
                   .attributes = {{"transB", int64_t{1}}},
                   .inputs = {a, half, a_zero, Tensor::Of<int8_t>({2, 1}, {3, 0}),
                              Tensor::Vector<float>({1, 10}), Tensor::Vector<int8_t>({1, 1}),
                              std::nullopt, half, Tensor::Scalar<uint8_t>(21)},
                   .output_types = {DType::kUInt8},
                   .expected = {Tensor::Of<uint8_t>({2, 2}, {25, 1, 29, 0})}});
}

}  // namespace

extern const OpDef kMicrosoftQGemm;
const OpDef kMicrosoftQGemm = {.name = "QGemm",
                               .domain = kMicrosoftDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
