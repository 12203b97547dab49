#include "passes/contrib_lowering.h"

#include <fmt/format.h>

namespace assay {

ValueId ContribLowering::Emit(std::string op, int opset, std::vector<ValueId> inputs,
                              std::vector<Attribute> attributes, DType dtype) {
  Node node;
  node.name = fmt::format("{}/{}{}", this->node().name, op, nodes_.size());
  node.op = std::move(op);
  node.opset = opset;
  if (dtype == DType::kUndefined) dtype = Type(inputs[0]).dtype;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  const std::string& base = rewriter_.graph().value(this->node().outputs[0]).name;
  node.outputs = {
      rewriter_.AddFreshValue(fmt::format("{}/{}", base, node.op), ValueType::TensorOf(dtype))};
  nodes_.push_back(std::move(node));
  return nodes_.back().outputs[0];
}

ValueId ContribLowering::EmitFused(std::string op, std::vector<ValueId> inputs,
                                   std::vector<Attribute> attributes) {
  const ValueId output = Emit(std::move(op), 1, std::move(inputs), std::move(attributes));
  nodes_.back().domain = kFusedDomain;
  return output;
}

std::vector<ValueId> ContribLowering::EmitSplit(ValueId value, int64_t axis,
                                                const std::vector<int64_t>& widths) {
  std::vector<ValueId> outputs = {
      Emit("Split", 13, {value, Ints("widths", widths)}, {{"axis", axis}})};
  const std::string base = rewriter_.graph().value(node().outputs[0]).name;
  while (outputs.size() < widths.size()) {
    outputs.push_back(rewriter_.AddFreshValue(fmt::format("{}/Split", base),
                                              ValueType::TensorOf(Type(value).dtype)));
  }
  nodes_.back().outputs = outputs;
  return outputs;
}

void ContribLowering::EmitLast(std::string op, int opset, std::vector<ValueId> inputs,
                               std::vector<Attribute> attributes, const std::vector<int>& outputs) {
  Node node;
  node.name = this->node().name;
  node.op = std::move(op);
  node.opset = opset;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  for (int output : outputs) {
    node.outputs.push_back(WantsOutput(output) ? this->node().outputs[static_cast<size_t>(output)]
                                               : kNoValue);
  }
  while (node.outputs.back() == kNoValue) node.outputs.pop_back();
  nodes_.push_back(std::move(node));
}

ValueId ContribLowering::Name(ValueId value, int output) {
  if (!WantsOutput(output)) return value;
  const ValueId named = node().outputs[static_cast<size_t>(output)];
  for (Node& emitted : nodes_) {
    for (ValueId& written : emitted.outputs) {
      if (written == value) written = named;
    }
    for (ValueId& read : emitted.inputs) {
      if (read == value) read = named;
    }
  }
  return named;
}

ValueId ContribLowering::Constant(const std::string& what, Tensor tensor) {
  const std::string& base = rewriter_.graph().value(node().outputs[0]).name;
  return rewriter_.AddFreshConstant(fmt::format("{}/{}", base, what), std::move(tensor));
}

ValueId ContribLowering::Ints(const std::string& what, const std::vector<int64_t>& values) {
  return Constant(what, Tensor::Vector(values));
}

ValueId ContribLowering::Number(const std::string& what, double value, DType dtype) {
  const std::optional<Tensor> rounded = Rounded({value}, Shape{}, dtype);
  if (!rounded || rounded->ValueAsDouble(0) != value) return kNoValue;
  return Constant(what, *rounded);
}

void ContribLowering::Commit() {
  const std::vector<std::string> origins = MergeOrigins(rewriter_.graph(), {id_});
  rewriter_.RemoveNode(id_);
  for (Node& node : nodes_) {
    node.origins = origins;
    rewriter_.AddNode(std::move(node), id_);
  }
}

}  // namespace assay
