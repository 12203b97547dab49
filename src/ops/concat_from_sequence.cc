#include "ops/data_movement.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"input_sequence", kAllTypes, Arity::kRequired, kSequenceKind}},
     .outputs = {{"concat_result", kAllTypes}},
     .attributes = {RequiredAttribute("axis", AttributeKind::kInt), IntAttribute("new_axis", 0)}},
};

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(ValueType type, ElementOf(context, 0));
  if (type.shape) {
    const bool is_new = context.Int("new_axis") != 0;
    const int rank = static_cast<int>(type.shape->size()) + (is_new ? 1 : 0);
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), rank));
    if (is_new) type.shape->insert(type.shape->begin() + axis, Dim::Unknown());
    (*type.shape)[static_cast<size_t>(axis)] = Dim::Unknown();
  }
  context.SetOutputType(0, std::move(type));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  std::vector<Tensor> parts;
  for (const RuntimeValue& element : context.InputValue(0).sequence()) {
    parts.push_back(element.tensor());
  }
  if (parts.empty())
    return OpContext::Invalid("expected a sequence of at least one tensor, got none");
  const bool is_new = context.Int("new_axis") != 0;
  const int rank = parts[0].shape().rank() + (is_new ? 1 : 0);
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), rank));
  ASSAY_ASSIGN_OR_RETURN(Tensor joined, is_new ? StackAlong(parts, axis) : JoinAlong(parts, axis));
  context.SetOutput(0, std::move(joined));
  return OkStatus();
}

}  // namespace

extern const OpDef kConcatFromSequence;
const OpDef kConcatFromSequence = {.name = "ConcatFromSequence",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .moves_values = true};

}  // namespace assay
