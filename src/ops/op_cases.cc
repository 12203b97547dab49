#include "ops/op_cases.h"

#include <algorithm>

namespace assay {

std::string OpCaseOf::ToString() const {
  const std::string domain = op->domain.empty() ? "" : std::string(op->domain) + ".";
  return domain + std::string(op->name) + " " + op_case.name;
}

std::vector<OpCaseOf> AllOpCases() {
  std::vector<OpCaseOf> all;
  for (const OpDef* op : AllOps()) {
    std::vector<OpCase> cases;
    if (op->cases != nullptr) op->cases(cases);
    for (OpCase& op_case : cases) all.push_back({op, std::move(op_case)});
  }
  return all;
}

Graph SingleNodeGraph(const OpDef& op, const OpCase& op_case,
                      const std::vector<bool>& is_constant) {
  Graph graph;
  Node node;
  node.op = op.name;
  node.domain = op.domain;
  node.opset = op_case.opset;
  if (node.opset == 0) {
    const OpSchema& newest = op.schemas.back();
    node.opset = newest.since;
    for (int version : newest.also_since) node.opset = std::max(node.opset, version);
  }
  node.attributes = op_case.attributes;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    if (!op_case.inputs[i]) {
      node.inputs.push_back(kNoValue);
      continue;
    }
    const Tensor& tensor = *op_case.inputs[i];
    const std::string name = "input" + std::to_string(i);
    if (i < is_constant.size() && is_constant[i]) {
      node.inputs.push_back(graph.AddConstant(name, tensor));
    } else {
      node.inputs.push_back(
          graph.AddInput(name, ValueType::TensorOf(tensor.dtype(), ToSymbolic(tensor.shape()))));
    }
  }
  const size_t outputs =
      std::max({op_case.expected.size(), op_case.output_types.size(), size_t{1}});
  for (size_t i = 0; i < outputs; ++i) {
    const ValueId id = graph.AddValue("output" + std::to_string(i));
    node.outputs.push_back(id);
    graph.outputs.push_back(id);
  }
  graph.AddNode(std::move(node));
  return graph;
}

}  // namespace assay
