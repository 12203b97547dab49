#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr DTypeSet kBytesAndScales = kQuantizedBytes | kQuantizationScale;

// Behind scale and zero point of the output come a tensor, its scale and its zero point for each
// part.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"Y_scale", kQuantizationScale},
                {"Y_zero_point", kQuantizedBytes},
                {"inputs", kBytesAndScales, Arity::kVariadic}},
     .outputs = {{"Y", kQuantizedBytes}},
     .attributes = {RequiredAttribute("axis", AttributeKind::kInt)}},
};

Result<int> Parts(const OpContext& context) {
  const int rest = context.input_count() - 2;
  if (rest > 0 && rest % 3 == 0) return rest / 3;
  return OpContext::Invalid(fmt::format(
      "inputs: expected a tensor, a scale and a zero point for each part, got {} inputs "
      "behind those of the output",
      rest));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const int parts, Parts(context));
  std::vector<InferContext::Input> tensors;
  for (int i = 0; i < parts; ++i) {
    const int at = 2 + 3 * i;
    ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, at, at + 2}));
    tensors.push_back({context.InputValueType(at), nullptr, nullptr});
  }
  Node node = context.node();
  node.inputs.assign(static_cast<size_t>(parts), 0);
  InferContext concat(node, context.schema(), std::move(tensors));
  ASSAY_RETURN_IF_ERROR(FindOp("", "Concat")->infer(concat));
  context.SetOutputType(0, concat.outputs()[0].type);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const int parts, Parts(context));
  std::vector<Tensor> tensors;
  std::vector<const Tensor*> inputs;
  for (int i = 0; i < parts; ++i) {
    const int at = 2 + 3 * i;
    ASSAY_ASSIGN_OR_RETURN(Tensor part, Dequantized(context, {at, at + 1, at + 2}));
    tensors.push_back(std::move(part));
  }
  for (const Tensor& tensor : tensors) inputs.push_back(&tensor);
  ASSAY_ASSIGN_OR_RETURN(const Tensor y,
                         ApplyOperator(context, "Concat", inputs, {{"axis", context.Int("axis")}}));
  return StoreRequantized(context, y, {-1, 0, 1});
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "other_scales",
                   .attributes = {{"axis", int64_t{-1}}},
                   .inputs = {Tensor::Scalar<float>(2), Tensor::Scalar<uint8_t>(10),
                              Tensor::Of<uint8_t>({1, 2}, {3, 5}), Tensor::Scalar<float>(1),
                              Tensor::Scalar<uint8_t>(0), Tensor::Of<uint8_t>({1, 1}, {200}),
                              Tensor::Scalar<float>(4), Tensor::Scalar<uint8_t>(20)},
                   .expected = {Tensor::Of<uint8_t>({1, 3}, {12, 12, 255})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearConcat;
const OpDef kMicrosoftQLinearConcat = {.name = "QLinearConcat",
                                       .domain = kMicrosoftDomain,
                                       .schemas = kSchemas,
                                       .infer = Infer,
                                       .reference = Reference,
                                       .cases = Cases};

}  // namespace assay
