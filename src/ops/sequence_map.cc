#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 17,
     .inputs = {{"input_sequence", kAllTypes, Arity::kRequired, kSequenceKind},
                {"additional_inputs", kAllTypes, Arity::kVariadic, kTensorOrSequence}},
     .outputs = {{"out_sequence", kAllTypes, Arity::kVariadic, kSequenceKind}},
     .attributes = {RequiredAttribute("body", AttributeKind::kGraph)}},
};

Status Infer(InferContext& context) {
  std::vector<ValueType> types;
  for (int i = 0; i < context.input_count(); ++i) {
    const ValueType& type = *context.InputValueType(i);
    types.push_back(type.kind == ValueType::Kind::kSequence ? *type.element : type);
  }
  ASSAY_ASSIGN_OR_RETURN(std::vector<ValueType> outputs,
                         context.InferBody("body", std::move(types)));
  if (outputs.size() != static_cast<size_t>(context.output_count())) {
    return OpContext::Invalid(fmt::format("outputs of the graph \"body\": expected {}, got {}",
                                          context.output_count(), outputs.size()));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    context.SetOutputType(static_cast<int>(i), SequenceOf(std::move(outputs[i])));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const size_t length = context.InputValue(0).sequence().size();
  std::vector<RuntimeValue::Sequence> sequences(static_cast<size_t>(context.output_count()));
  for (size_t k = 0; k < length; ++k) {
    std::vector<RuntimeValue> inputs;
    for (int i = 0; i < context.input_count(); ++i) {
      const RuntimeValue& value = context.InputValue(i);
      if (!value.is_sequence()) {
        inputs.push_back(value);
        continue;
      }
      if (value.sequence().size() != length) {
        return OpContext::Invalid(fmt::format("length of sequence {}: expected {}, got {}", i,
                                              length, value.sequence().size()));
      }
      inputs.push_back(value.sequence()[k]);
    }
    ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                           context.RunBody("body", std::move(inputs)));
    for (size_t i = 0; i < outputs.size(); ++i) sequences[i].push_back(std::move(outputs[i]));
  }
  for (size_t i = 0; i < sequences.size(); ++i) {
    context.SetOutput(static_cast<int>(i), RuntimeValue::OfSequence(std::move(sequences[i])));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceMap;
const OpDef kSequenceMap = {.name = "SequenceMap",
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .moves_values = true};

}  // namespace assay
