#include "ir/graph.h"

#include <fmt/format.h>

#include "base/quote.h"

namespace assay {

std::string ValueType::ToString() const {
  switch (kind) {
    case Kind::kTensor:
      return fmt::format("{}{}", DTypeName(dtype), shape ? assay::ToString(*shape) : "(?...)");
    case Kind::kSequence:
      return fmt::format("sequence<{}>", element ? element->ToString() : "?");
    case Kind::kOptional:
      return fmt::format("optional<{}>", element ? element->ToString() : "?");
    case Kind::kMap:
      return fmt::format("map<{}, {}>", DTypeName(dtype), element ? element->ToString() : "?");
    case Kind::kSparseTensor:
      return fmt::format("sparse<{}{}>", DTypeName(dtype),
                         shape ? assay::ToString(*shape) : "(?...)");
    case Kind::kOpaque:
      return fmt::format("opaque<{}.{}>", opaque_domain, opaque_name);
  }
  return "?";
}

const Attribute* Node::FindAttribute(std::string_view attribute) const {
  for (const Attribute& item : attributes) {
    if (item.name == attribute) return &item;
  }
  return nullptr;
}

ValueId Graph::AddValue(std::string value_name, ValueType type) {
  values.push_back({.name = std::move(value_name), .type = std::move(type)});
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId Graph::AddInput(std::string value_name, ValueType type) {
  const ValueId id = AddValue(std::move(value_name), std::move(type));
  inputs.push_back(id);
  return id;
}

ValueId Graph::AddConstant(std::string value_name, Tensor tensor) {
  const ValueId id = AddValue(std::move(value_name),
                              ValueType::TensorOf(tensor.dtype(), ToSymbolic(tensor.shape())));
  value(id).constant = std::move(tensor);
  return id;
}

NodeId Graph::AddNode(Node node) {
  const auto id = static_cast<NodeId>(nodes.size());
  for (ValueId output : node.outputs) {
    if (output != kNoValue) value(output).producer = id;
  }
  nodes.push_back(std::move(node));
  return id;
}

ValueId Graph::FindValue(std::string_view value_name) const {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].name == value_name) return static_cast<ValueId>(i);
  }
  return kNoValue;
}

std::string NodeText(std::string_view name, std::string_view op) {
  std::string text = "node";
  if (!name.empty()) text += " " + Quote(name);
  if (!op.empty()) text += fmt::format(" ({})", QuoteUnlessPlain(op));
  return text;
}

std::string Graph::NodeLabel(NodeId id) const {
  const Node& item = node(id);
  if (!item.name.empty()) return NodeText(item.name, item.op);
  const std::string op = QuoteUnlessPlain(item.op);
  for (ValueId output : item.outputs) {
    if (output != kNoValue) {
      return fmt::format("node {} ({}) -> {}", id, op, Quote(value(output).name));
    }
  }
  return fmt::format("node {} ({})", id, op);
}

}  // namespace assay
