#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kOutputs = DTypeSet::Of(DType::kFloat32, DType::kFloat16);
constexpr DTypeSet kInputs =
    DTypeSet::Of(DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16, DType::kInt32) |
    kInteger4s;

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"x", kInputs}, {"x_scale", kOutputs}, {"x_zero_point", kInputs, Arity::kOptional}},
     .outputs = {{"y", kOutputs}},
     .attributes = {OptionalAttribute("axis", AttributeKind::kInt)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, context.InputType(1),
                    shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const int64_t axis = context.HasAttribute("axis") ? context.Int("axis") : 1;
  ASSAY_ASSIGN_OR_RETURN(Tensor y,
                         ApplyOperator(context, "DequantizeLinear",
                                       {&context.Input(0), &context.Input(1),
                                        context.HasInput(2) ? &context.Input(2) : nullptr},
                                       {{"axis", axis}}, 21));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "per_axis",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<uint16_t>({2, 2}, {1, 65535, 10, 0}),
                              Tensor::Vector<float>({2, 1}), Tensor::Vector<uint16_t>({10, 1})},
                   .expected = {Tensor::Of<float>({2, 2}, {-18, 131050, 9, -1})}});
  cases.push_back({.name = "int32_without_zero_point",
                   .inputs = {Tensor::Vector<int32_t>({-3, 4}), Tensor::Scalar<float>(0.5F)},
                   .expected = {Tensor::Vector<float>({-1.5F, 2})}});
}

}  // namespace

extern const OpDef kMicrosoftDequantizeLinear;
const OpDef kMicrosoftDequantizeLinear = {.name = "DequantizeLinear",
                                          .domain = kMicrosoftDomain,
                                          .schemas = kSchemas,
                                          .infer = Infer,
                                          .reference = Reference,
                                          .cases = Cases};

}  // namespace assay
