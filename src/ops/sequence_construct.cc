#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"inputs", kAllTypes, Arity::kVariadic}},
     .outputs = {{"output_sequence", kAllTypes, Arity::kRequired, kSequenceKind}}},
};

Status Infer(InferContext& context) {
  if (context.input_count() == 0 || !context.HasInput(0)) {
    return OpContext::Invalid("number of inputs: expected at least 1, got 0");
  }
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ValueType element = *context.InputValueType(0);
  for (int i = 1; i < context.input_count(); ++i) {
    if (context.HasInput(i)) element = *CommonType(element, *context.InputValueType(i));
  }
  context.SetOutputType(0, SequenceOf(std::move(element)));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  RuntimeValue::Sequence elements;
  for (int i = 0; i < context.input_count(); ++i) elements.push_back(context.InputValue(i));
  context.SetOutput(0, RuntimeValue::OfSequence(std::move(elements)));
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceConstruct;
const OpDef kSequenceConstruct = {.name = "SequenceConstruct",
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .moves_values = true};

}  // namespace assay
