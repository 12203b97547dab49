#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"data", kBasicFloats},
                {"pads", kInt64Only},
                {"value", kBasicFloats, Arity::kOptional}},
     .outputs = {{"output", kBasicFloats}},
     .attributes = {StringAttribute("mode", "constant")}},
};

// Pad of opset 11, but that the pads may also be the one row of a matrix.
Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  std::vector<InferContext::Input> inputs = {{context.InputValueType(0), nullptr, nullptr}};
  Tensor pads;
  if (const Tensor* constant = context.ConstantInput(1)) {
    pads = constant->Reshaped({constant->elements()});
  }
  const std::optional<std::vector<Dim>> contents =
      pads.valid() ? std::nullopt : context.InputContents(1);
  inputs.push_back(
      {context.InputValueType(1), pads.valid() ? &pads : nullptr, contents ? &*contents : nullptr});
  Node node = context.node();
  node.inputs.resize(2);
  node.opset = 11;
  InferContext padded(node, context.schema(), std::move(inputs));
  ASSAY_RETURN_IF_ERROR(FindOp("", "Pad")->infer(padded));
  context.SetOutputType(0, padded.outputs()[0].type);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor pads = context.Input(1).Reshaped({context.Input(1).elements()});
  ASSAY_ASSIGN_OR_RETURN(
      Tensor y,
      ApplyOperator(context, "Pad",
                    {&context.Input(0), &pads, context.HasInput(2) ? &context.Input(2) : nullptr},
                    {{"mode", context.String("mode")}}, 11));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  cases.push_back(
      {.name = "constant_and_cut",
       .inputs = {data, Tensor::Of<int64_t>({1, 4}, {-1, 0, 0, 1}), Tensor::Vector<float>({9})},
       .expected = {Tensor::Of<float>({1, 3}, {3, 4, 9})}});
  cases.push_back({.name = "edge",
                   .attributes = {{"mode", std::string("edge")}},
                   .inputs = {data, Tensor::Vector<int64_t>({0, 1, 0, 0})},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 1, 2, 3, 3, 4})}});
}

}  // namespace

extern const OpDef kMicrosoftPad;
const OpDef kMicrosoftPad = {.name = "Pad",
                             .domain = kMicrosoftDomain,
                             .schemas = kSchemas,
                             .infer = Infer,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
