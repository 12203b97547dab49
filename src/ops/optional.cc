#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 15,
     .also_since = {28},
     .inputs = {{"input", kAllTypes, Arity::kOptional, kTensorOrSequence}},
     .outputs = {{"output", kAllTypes, Arity::kRequired, kOptionalKind}},
     .attributes = {OptionalAttribute("type", AttributeKind::kType)}},
};

Status Infer(InferContext& context) {
  if (const ValueType* type = context.InputValueType(0)) {
    context.SetOutputType(0, OptionalOf(*type));
    return OkStatus();
  }
  const Attribute* attribute = context.node().FindAttribute("type");
  if (attribute == nullptr) {
    return OpContext::Invalid("expected an input or the attribute \"type\", got neither");
  }
  context.SetOutputType(0, OptionalOf(std::get<ValueType>(attribute->value)));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  context.SetOutput(0, context.HasInput(0) ? context.InputValue(0) : RuntimeValue::EmptyOptional());
  return OkStatus();
}

}  // namespace

extern const OpDef kOptional;
const OpDef kOptional = {.name = "Optional",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .moves_values = true};

}  // namespace assay
