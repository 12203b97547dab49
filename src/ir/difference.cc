#include "ir/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "base/quote.h"

namespace assay {
namespace {

std::string Differs(std::string_view what, const std::string& a, const std::string& b) {
  return a == b ? std::string() : fmt::format("{}: {} and {}", what, Quote(a), Quote(b));
}

std::string DiffersNumber(std::string_view what, int64_t a, int64_t b) {
  return a == b ? std::string() : fmt::format("{}: {} and {}", what, a, b);
}

std::string NameOf(const Graph& graph, ValueId id) {
  return id == kNoValue ? std::string() : graph.value(id).name;
}

std::string Names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string text;
  for (ValueId id : ids) text += NameOf(graph, id) + '\n';
  return text;
}

bool SameTensor(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (a.dtype() == DType::kString) {
    return std::ranges::equal(a.data<std::string>(), b.data<std::string>());
  }
  return a.byte_size() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byte_size()) == 0;
}

bool Same(int64_t a, int64_t b) { return a == b; }
bool Same(float a, float b) { return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b); }
bool Same(const std::string& a, const std::string& b) { return a == b; }
bool Same(const Tensor& a, const Tensor& b) { return SameTensor(a, b); }
bool Same(const ValueType& a, const ValueType& b) { return a.ToString() == b.ToString(); }
bool Same(const std::shared_ptr<const Graph>& a, const std::shared_ptr<const Graph>& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return FirstDifference(*a, *b).empty();
}
template <typename T>
bool Same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const T& left, const T& right) { return Same(left, right); });
}

bool SameAttribute(const Attribute& a, const Attribute& b) {
  if (a.name != b.name || a.reference != b.reference || a.value.index() != b.value.index()) {
    return false;
  }
  return std::visit(
      [&](const auto& left) { return Same(left, std::get<std::decay_t<decltype(left)>>(b.value)); },
      a.value);
}

std::string AttributeDifference(const std::vector<Attribute>& a, const std::vector<Attribute>& b) {
  std::string text = DiffersNumber("number of attributes", std::ssize(a), std::ssize(b));
  for (size_t i = 0; text.empty() && i < a.size(); ++i) {
    if (!SameAttribute(a[i], b[i])) text = fmt::format("attribute {}", Quote(a[i].name));
  }
  return text;
}

std::string NodeDifference(const Graph& a, const Graph& b, NodeId id) {
  const Node& left = a.node(id);
  const Node& right = b.node(id);
  std::string text = Differs("operator", left.domain + "." + left.op + ":" + left.overload,
                             right.domain + "." + right.op + ":" + right.overload);
  if (text.empty()) text = Differs("name", left.name, right.name);
  if (text.empty()) text = DiffersNumber("opset", left.opset, right.opset);
  if (text.empty()) text = Differs("inputs", Names(a, left.inputs), Names(b, right.inputs));
  if (text.empty()) text = Differs("outputs", Names(a, left.outputs), Names(b, right.outputs));
  if (text.empty()) text = AttributeDifference(left.attributes, right.attributes);
  if (text.empty() && left.metadata != right.metadata) text = "metadata";
  return text.empty() ? text : fmt::format("{}: {}", a.NodeLabel(id), text);
}

std::string ValueDifference(const Value& a, const Value& b) {
  std::string text = Differs("type", a.type.ToString(), b.type.ToString());
  if (text.empty() && a.constant.has_value() != b.constant.has_value()) text = "constant or not";
  if (text.empty() && a.constant && !SameTensor(*a.constant, *b.constant)) text = "contents";
  if (text.empty() && a.constant_node != b.constant_node) text = "name of the Constant node";
  if (text.empty() && a.weights_absent != b.weights_absent) text = "weights absent or not";
  return text.empty() ? text : fmt::format("value {}: {}", Quote(a.name), text);
}

std::string FunctionDifference(const Function& a, const Function& b) {
  std::string text = Differs("name", a.domain + "." + a.name + ":" + a.overload,
                             b.domain + "." + b.name + ":" + b.overload);
  if (text.empty() && a.attribute_names != b.attribute_names) text = "attribute names";
  if (text.empty()) text = AttributeDifference(a.attribute_defaults, b.attribute_defaults);
  if (text.empty() && a.opsets != b.opsets) text = "opsets";
  if (text.empty()) text = FirstDifference(*a.body, *b.body);
  return text.empty() ? text : fmt::format("function {}: {}", Quote(a.name), text);
}

}  // namespace

std::string FirstDifference(const Graph& a, const Graph& b) {
  std::string text = Differs("graph name", a.name, b.name);
  if (text.empty()) text = Differs("graph inputs", Names(a, a.inputs), Names(b, b.inputs));
  if (text.empty()) text = Differs("graph outputs", Names(a, a.outputs), Names(b, b.outputs));
  if (text.empty()) {
    text = DiffersNumber("number of nodes", std::ssize(a.nodes), std::ssize(b.nodes));
  }
  for (size_t i = 0; text.empty() && i < a.nodes.size(); ++i) {
    text = NodeDifference(a, b, static_cast<NodeId>(i));
  }
  if (text.empty()) {
    text = DiffersNumber("number of values", std::ssize(a.values), std::ssize(b.values));
  }
  if (text.empty()) {
    text = DiffersNumber("number of captures", std::ssize(a.captures), std::ssize(b.captures));
  }
  std::unordered_map<std::string_view, const Value*> others;
  for (const Value& value : b.values) others.emplace(value.name, &value);
  for (size_t i = 0; text.empty() && i < a.values.size(); ++i) {
    const auto other = others.find(a.values[i].name);
    text = other == others.end() ? fmt::format("value {} is missing", Quote(a.values[i].name))
                                 : ValueDifference(a.values[i], *other->second);
  }
  return text;
}

std::string FirstDifference(const Model& a, const Model& b) {
  std::string text = DiffersNumber("ir version", a.ir_version, b.ir_version);
  if (text.empty()) text = Differs("producer", a.producer_name, b.producer_name);
  if (text.empty()) text = Differs("producer version", a.producer_version, b.producer_version);
  if (text.empty()) text = Differs("domain", a.domain, b.domain);
  if (text.empty()) text = DiffersNumber("model version", a.model_version, b.model_version);
  if (text.empty()) text = Differs("doc", a.doc, b.doc);
  if (text.empty() && a.opsets != b.opsets) text = "opsets";
  if (text.empty() && a.metadata != b.metadata) text = "metadata";
  if (text.empty()) {
    text = DiffersNumber("number of functions", std::ssize(a.functions), std::ssize(b.functions));
  }
  for (size_t i = 0; text.empty() && i < a.functions.size(); ++i) {
    text = FunctionDifference(a.functions[i], b.functions[i]);
  }
  return text.empty() ? FirstDifference(a.graph, b.graph) : text;
}

}  // namespace assay
