#include "ops/evaluate_node.h"

#include <fmt/format.h>

#include <new>

#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {

Result<std::vector<Tensor>> EvaluateNode(const Graph& graph, const Node& node,
                                         std::vector<const Tensor*> inputs, ThreadPool& threads) {
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
                           std::move(input_types), std::move(output_types), threads);
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

}  // namespace assay
