#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"input_sequence", kAllTypes, Arity::kRequired, kSequenceKind},
                {"position", kIndexTypes}},
     .outputs = {{"tensor", kAllTypes}}},
};

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(ValueType element, ElementOf(context, 0));
  context.SetOutputType(0, std::move(element));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const RuntimeValue::Sequence& sequence = context.InputValue(0).sequence();
  ASSAY_ASSIGN_OR_RETURN(const size_t position,
                         PositionArgument(context, 1, sequence.size(), /*may_be_end=*/false, 0));
  context.SetOutput(0, sequence[position]);
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceAt;
const OpDef kSequenceAt = {.name = "SequenceAt",
                           .schemas = kSchemas,
                           .infer = Infer,
                           .reference = Reference,
                           .moves_values = true};

}  // namespace assay
