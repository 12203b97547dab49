#include "tactics/instance.h"

#include <fmt/format.h>

namespace assay {
namespace {

Result<Operand> OperandOf(const Graph& graph, ValueId id) {
  Operand operand;
  if (id == kNoValue) return operand;
  const Value& value = graph.value(id);
  operand.present = true;
  operand.dtype = value.type.dtype;
  if (value.constant) {
    operand.constant = &*value.constant;
    operand.shape = value.constant->shape();
    return operand;
  }
  const std::optional<Shape> shape =
      value.type.shape ? ToConcrete(*value.type.shape) : std::nullopt;
  if (value.type.kind != ValueType::Kind::kTensor || !shape) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("the shape of \"{}\" is only known at run time: {}", value.name,
                              value.type.ToString()));
  }
  operand.shape = *shape;
  return operand;
}

}  // namespace

Result<Instance> Instance::Of(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const OpDef* op = FindOp(node.domain, node.op);
  const OpSchema* schema = op == nullptr ? nullptr : op->SchemaFor(node.opset);
  if (schema == nullptr) {
    return Status(StatusCode::kInternal, "no schema for " + graph.NodeLabel(id));
  }
  std::vector<Operand> inputs;
  for (ValueId input : node.inputs) {
    ASSAY_ASSIGN_OR_RETURN(Operand operand, OperandOf(graph, input));
    inputs.push_back(std::move(operand));
  }
  std::vector<Operand> outputs;
  for (ValueId output : node.outputs) {
    ASSAY_ASSIGN_OR_RETURN(Operand operand, OperandOf(graph, output));
    outputs.push_back(std::move(operand));
  }
  return Instance(node, *schema, std::move(inputs), std::move(outputs));
}

Instance Instance::WithInputs(std::vector<Operand> inputs) const {
  return Instance(node(), schema(), std::move(inputs), outputs_);
}

std::optional<std::vector<int64_t>> Instance::ConstantInts(int i) const {
  if (i >= static_cast<int>(inputs_.size()) || input(i).constant == nullptr) return std::nullopt;
  const Tensor& tensor = *input(i).constant;
  std::vector<int64_t> values;
  for (int64_t k = 0; k < tensor.elements(); ++k) values.push_back(tensor.ValueAsInt(k));
  return values;
}

bool Instance::AllAre(DType dtype) const {
  for (const Operand& operand : inputs_) {
    if (operand.present && operand.dtype != dtype) return false;
  }
  for (const Operand& operand : outputs_) {
    if (operand.present && operand.dtype != dtype) return false;
  }
  return true;
}

}  // namespace assay
