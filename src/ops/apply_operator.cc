#include "ops/apply_operator.h"

#include "ops/op_def.h"

namespace assay {

Result<std::vector<Tensor>> ApplyOperator(const ReferenceContext& context, std::string_view op,
                                          const std::vector<const Tensor*>& inputs,
                                          std::vector<Attribute> attributes, int opset,
                                          std::vector<DType> output_types) {
  Node node;
  node.op = op;
  node.opset = opset;
  node.attributes = std::move(attributes);
  std::vector<RuntimeValue> values(inputs.size());
  std::vector<const RuntimeValue*> pointers(inputs.size(), nullptr);
  std::vector<DType> types(inputs.size(), DType::kUndefined);
  for (size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(inputs[i] == nullptr ? kNoValue : static_cast<ValueId>(i));
    if (inputs[i] == nullptr) continue;
    values[i] = *inputs[i];
    pointers[i] = &values[i];
    types[i] = inputs[i]->dtype();
  }
  for (size_t i = 0; i < output_types.size(); ++i) {
    node.outputs.push_back(static_cast<ValueId>(inputs.size() + i));
  }
  const OpDef& definition = *FindOp("", op);
  const BodyRunner no_bodies;
  ReferenceContext applied(node, *definition.SchemaFor(opset), std::move(pointers),
                           std::move(types), std::move(output_types), context.threads(), no_bodies);
  ASSAY_RETURN_IF_ERROR(definition.reference(applied));
  std::vector<Tensor> outputs;
  for (RuntimeValue& output : applied.outputs()) outputs.push_back(std::move(output.tensor()));
  return outputs;
}

Result<Tensor> ApplyOperator(const ReferenceContext& context, std::string_view op,
                             const std::vector<const Tensor*>& inputs,
                             std::vector<Attribute> attributes, int opset) {
  ASSAY_ASSIGN_OR_RETURN(
      std::vector<Tensor> outputs,
      ApplyOperator(context, op, inputs, std::move(attributes), opset, {DType::kFloat64}));
  return std::move(outputs[0]);
}

}  // namespace assay
