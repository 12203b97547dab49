#include "ops/evaluate_node.h"

#include <fmt/format.h>

#include <new>

#include "ops/op_def.h"

namespace assay {

Result<std::vector<RuntimeValue>> EvaluateNode(const Graph& graph, const Node& node,
                                               std::vector<const RuntimeValue*> inputs,
                                               ThreadPool& threads, const BodyRunner& run_body,
                                               bool declared_types) {
  const OpDef& op = *FindOp(node.domain, node.op);
  std::vector<DType> input_types;
  for (ValueId id : node.inputs) {
    input_types.push_back(id == kNoValue ? DType::kUndefined : graph.value(id).type.dtype);
  }
  std::vector<DType> output_types;
  for (ValueId id : node.outputs) {
    output_types.push_back(id == kNoValue ? DType::kFloat64 : graph.value(id).type.dtype);
  }
  ReferenceContext context(node, *op.SchemaFor(node.opset), std::move(inputs),
                           std::move(input_types), std::move(output_types), threads, run_body,
                           declared_types);
  try {
    ASSAY_RETURN_IF_ERROR(op.reference(context));
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "out of memory in the float64 reference",
                  "use smaller input shapes or a machine with more memory");
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue && !context.outputs()[i].valid()) {
      return Status(StatusCode::kInternal, fmt::format("output {} was not computed", i));
    }
  }
  return std::move(context.outputs());
}

Result<std::vector<Tensor>> EvaluateNode(const Graph& graph, const Node& node,
                                         const std::vector<const Tensor*>& inputs,
                                         ThreadPool& threads) {
  std::vector<RuntimeValue> values(inputs.size());
  std::vector<const RuntimeValue*> pointers(inputs.size(), nullptr);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr) continue;
    values[i] = *inputs[i];
    pointers[i] = &values[i];
  }
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                         EvaluateNode(graph, node, std::move(pointers), threads));
  std::vector<Tensor> tensors(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].is_tensor()) tensors[i] = std::move(outputs[i].tensor());
  }
  return tensors;
}

}  // namespace assay
