#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {13}, kTypesOfOpset25, "input", "output"),
    {.since = 14,
     .also_since = {16, 19, 21, 23, 24, 25},
     .inputs = {{"input", kTypesOfOpset25, Arity::kRequired, kAnyKind}},
     .outputs = {{"output", kTypesOfOpset25, Arity::kRequired, kAnyKind}}}};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferSameAsInput(context));
  if (auto contents = context.InputContents(0)) {
    context.SetOutputContents(0, *std::move(contents));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  context.SetOutput(0, context.InputValue(0));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "float",
                   .opset = 1,
                   .inputs = {Tensor::Of<float>({1, 2}, {1, -0.0F})},
                   .expected = {Tensor::Of<float>({1, 2}, {1, -0.0F})}});
  cases.push_back({.name = "string",
                   .inputs = {Tensor::Vector<std::string>({"a", ""})},
                   .expected = {Tensor::Vector<std::string>({"a", ""})}});
  cases.push_back({.name = "bool_scalar",
                   .inputs = {Tensor::Scalar<bool>(true)},
                   .expected = {Tensor::Scalar<bool>(true)}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<uint8_t>({2, 0}, {})},
                   .expected = {Tensor::Of<uint8_t>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kIdentity;
const OpDef kIdentity = {.name = "Identity",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .moves_values = true,
                         .cases = Cases};

}  // namespace assay
