#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kInputs = DTypeSet::Of(DType::kFloat32, DType::kFloat16);
constexpr DTypeSet kOutputs =
    DTypeSet::Of(DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16) | kInteger4s;

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"x", kInputs}, {"y_scale", kInputs}, {"y_zero_point", kOutputs, Arity::kOptional}},
     .outputs = {{"y", kOutputs}},
     .attributes = {OptionalAttribute("axis", AttributeKind::kInt)}},
};

std::vector<Attribute> Axis(const OpContext& context) {
  return {{"axis", context.HasAttribute("axis") ? context.Int("axis") : int64_t{1}}};
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1}));
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, context.HasInput(2) ? context.InputType(2) : DType::kUInt8,
                    shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                         ApplyOperator(context, "QuantizeLinear",
                                       {&context.Input(0), &context.Input(1),
                                        context.HasInput(2) ? &context.Input(2) : nullptr},
                                       Axis(context), 21, {context.DeclaredOutput(0)}));
  context.SetOutput(0, std::move(outputs[0]));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "per_axis",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 5, -70000, 3}),
                              Tensor::Vector<float>({2, 1}), Tensor::Vector<int16_t>({10, 1})},
                   .output_types = {DType::kInt16},
                   .expected = {Tensor::Of<int16_t>({2, 2}, {10, 12, -32768, 4})}});
  cases.push_back({.name = "without_zero_point",
                   .inputs = {Tensor::Vector<float>({-1, 300, 7}), Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Vector<uint8_t>({0, 150, 4})}});
}

}  // namespace

extern const OpDef kMicrosoftQuantizeLinear;
const OpDef kMicrosoftQuantizeLinear = {.name = "QuantizeLinear",
                                        .domain = kMicrosoftDomain,
                                        .schemas = kSchemas,
                                        .infer = Infer,
                                        .reference = Reference,
                                        .cases = Cases};

}  // namespace assay
