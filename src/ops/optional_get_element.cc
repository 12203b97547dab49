#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 15,
     .inputs = {{"input", kAllTypes, Arity::kRequired, kOptionalKind}},
     .outputs = {{"output", kAllTypes, Arity::kRequired, kTensorOrSequence}}},
    {.since = 18,
     .also_since = {28},
     .inputs = {{"input", kAllTypes, Arity::kRequired, kAnyKind}},
     .outputs = {{"output", kAllTypes, Arity::kRequired, kTensorOrSequence}}},
};

Status Infer(InferContext& context) {
  const ValueType& type = *context.InputValueType(0);
  context.SetOutputType(0, type.kind == ValueType::Kind::kOptional ? *type.element : type);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  if (context.InputValue(0).is_empty_optional()) {
    return OpContext::Invalid("expected an optional that holds something, got an empty one");
  }
  context.SetOutput(0, context.InputValue(0));
  return OkStatus();
}

}  // namespace

extern const OpDef kOptionalGetElement;
const OpDef kOptionalGetElement = {.name = "OptionalGetElement",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .moves_values = true};

}  // namespace assay
