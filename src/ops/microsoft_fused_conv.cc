#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/microsoft_activation.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats},
                {"W", kFloats},
                {"B", kFloats, Arity::kOptional},
                {"Z", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {OptionalAttribute("activation", AttributeKind::kString),
                    OptionalAttribute("activation_params", AttributeKind::kFloats),
                    StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(FindOp("", "Conv")->infer(context));
  ASSAY_RETURN_IF_ERROR(ConvActivation(context).status());
  const std::optional<SymbolicShape>& shape = context.outputs()[0].type.shape;
  return shape ? CheckInferredShape(context, 3, *shape) : OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const NamedActivation activation, ConvActivation(context));
  ASSAY_RETURN_IF_ERROR(FindOp("", "Conv")->reference(context));
  if (context.HasInput(3)) {
    ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 3, context.outputs()[0].tensor().shape()));
    ASSAY_ASSIGN_OR_RETURN(
        Tensor sum,
        ApplyOperator(context, "Add", {&context.outputs()[0].tensor(), &context.Input(3)}));
    context.SetOutput(0, std::move(sum));
  }
  return ApplyToOutput(context, activation);
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor row = Tensor::Of<float>({1, 1, 4}, {1, -2, 3, -4});
  const Tensor one = Tensor::Of<float>({1, 1, 1}, {1});
  cases.push_back({.name = "residual_before_relu",
                   .attributes = {{"activation", std::string("Relu")}, {"kernel_shape", Ints{1}}},
                   .inputs = {row, one, Tensor::Vector<float>({0.5F}),
                              Tensor::Of<float>({1, 1, 4}, {-5, 5, 0, 1})},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {0, 3.5F, 3.5F, 0})}});
  cases.push_back({.name = "clip",
                   .attributes = {{"activation", std::string("Clip")},
                                  {"activation_params", std::vector<float>{-3, 2}}},
                   .inputs = {row, one},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {1, -2, 2, -3})}});
  cases.push_back({.name = "nothing_fused",
                   .attributes = {{"pads", Ints{0, 1}}, {"strides", Ints{2}}},
                   .inputs = {row, Tensor::Of<float>({1, 1, 2}, {1, 10})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {-19, -37})}});
}

}  // namespace

extern const OpDef kMicrosoftFusedConv;
const OpDef kMicrosoftFusedConv = {.name = "FusedConv",
                                   .domain = kMicrosoftDomain,
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
