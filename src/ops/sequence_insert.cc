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
                {"tensor", kAllTypes},
                {"position", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output_sequence", kAllTypes, Arity::kRequired, kSequenceKind}}},
};

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ValueType element, ElementOf(context, 0));
  const std::optional<ValueType> common = CommonType(element, *context.InputValueType(1));
  if (!common) {
    return OpContext::Invalid("tensor: expected " + element.ToString() + ", got " +
                              context.InputValueType(1)->ToString());
  }
  context.SetOutputType(0, SequenceOf(*common));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  RuntimeValue::Sequence elements = context.InputValue(0).sequence();
  const auto end = static_cast<int64_t>(elements.size());
  ASSAY_ASSIGN_OR_RETURN(const size_t position,
                         PositionArgument(context, 2, elements.size(), /*may_be_end=*/true, end));
  elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(position), context.InputValue(1));
  context.SetOutput(0, RuntimeValue::OfSequence(std::move(elements)));
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceInsert;
const OpDef kSequenceInsert = {.name = "SequenceInsert",
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .moves_values = true};

}  // namespace assay
