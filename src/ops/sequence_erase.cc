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
                {"position", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output_sequence", kAllTypes, Arity::kRequired, kSequenceKind}}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  RuntimeValue::Sequence elements = context.InputValue(0).sequence();
  ASSAY_ASSIGN_OR_RETURN(const size_t position,
                         PositionArgument(context, 1, elements.size(), /*may_be_end=*/false, -1));
  elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(position));
  context.SetOutput(0, RuntimeValue::OfSequence(std::move(elements)));
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceErase;
const OpDef kSequenceErase = {.name = "SequenceErase",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .moves_values = true};

}  // namespace assay
