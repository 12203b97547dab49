#include "ir/model_builder.h"

#include <utility>

namespace assay {

ModelBuilder::ModelBuilder(int opset, std::string graph_name) {
  model_.opsets[""] = opset;
  model_.graph.name = std::move(graph_name);
}

ValueId ModelBuilder::Input(std::string name, DType dtype, SymbolicShape shape) {
  return graph().AddInput(std::move(name), ValueType::TensorOf(dtype, std::move(shape)));
}

ValueId ModelBuilder::Constant(std::string name, Tensor tensor) {
  return graph().AddConstant(std::move(name), std::move(tensor));
}

std::vector<ValueId> ModelBuilder::Add(std::string op, std::vector<ValueId> inputs,
                                       const std::vector<std::string>& outputs,
                                       std::vector<Attribute> attributes, std::string domain) {
  Node node;
  node.op = std::move(op);
  node.domain = std::move(domain);
  const auto opset = model_.opsets.find(node.domain);
  node.opset = opset == model_.opsets.end() ? 0 : opset->second;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  for (const std::string& output : outputs) {
    node.outputs.push_back(output.empty() ? kNoValue : graph().AddValue(output));
    if (node.name.empty() && !output.empty()) node.name = "/" + output;
  }
  std::vector<ValueId> ids = node.outputs;
  graph().AddNode(std::move(node));
  return ids;
}

ValueId ModelBuilder::Add(std::string op, std::vector<ValueId> inputs, const char* output,
                          std::vector<Attribute> attributes, std::string domain) {
  const std::vector<std::string> outputs = {output};
  return Add(std::move(op), std::move(inputs), outputs, std::move(attributes),
             std::move(domain))[0];
}

}  // namespace assay
