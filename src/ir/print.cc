#include "ir/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <complex>

#include "base/quote.h"

namespace assay {
namespace {

// The shortest text that reads back as the same number, always recognisable as a real one.
template <typename Real>
std::string RealText(Real value) {
  std::string text = fmt::format("{}", value);
  const bool looks_integer = std::all_of(
      text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0 || c == '-'; });
  return looks_integer ? text + ".0" : text;
}

template <typename Item, typename Print>
std::string ListText(const std::vector<Item>& items, Print print) {
  std::string text = "[";
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ", ";
    text += print(items[i]);
  }
  return text + "]";
}

std::string ElementText(const Tensor& tensor, int64_t i) {
  const auto index = static_cast<size_t>(i);
  switch (tensor.dtype()) {
    case DType::kString:
      return Quote(tensor.data<std::string>()[index], 60);
    case DType::kBool:
      return tensor.ValueAsInt(i) != 0 ? "true" : "false";
    case DType::kFloat32:
      return RealText(tensor.data<float>()[index]);
    case DType::kUInt64:
      return fmt::format("{}", tensor.data<uint64_t>()[index]);
    case DType::kComplex64: {
      const auto* parts = static_cast<const float*>(tensor.raw()) + 2 * index;
      return fmt::format("({}, {})", RealText(parts[0]), RealText(parts[1]));
    }
    case DType::kComplex128: {
      const auto* parts = static_cast<const double*>(tensor.raw()) + 2 * index;
      return fmt::format("({}, {})", RealText(parts[0]), RealText(parts[1]));
    }
    default:
      break;
  }
  if (IsInteger(tensor.dtype())) return std::to_string(tensor.ValueAsInt(i));
  return RealText(tensor.ValueAsDouble(i));
}

class Printer {
 public:
  explicit Printer(const PrintOptions& options) : options_(options) {}

  void PrintBody(const Graph& graph, int indent) {
    for (const auto& [id, outer_name] : graph.captures) {
      Line(indent, fmt::format("capture {}", TypedName(graph, id)));
    }
    for (size_t i = 0; options_.constants && i < graph.values.size(); ++i) {
      const Value& value = graph.values[i];
      if (!value.constant && !value.weights_absent) continue;
      std::string line = TypedName(graph, static_cast<ValueId>(i)) + " = ";
      line += value.constant ? ConstantText(*value.constant) : "absent";
      if (value.constant_node && !value.constant_node->empty()) {
        line += "  # " + Quote(*value.constant_node);
      }
      Line(indent, line);
    }
    for (const Node& node : graph.nodes) Line(indent, NodeText(graph, node, indent));
    std::string line = "return";
    for (size_t i = 0; i < graph.outputs.size(); ++i) {
      line += (i == 0 ? " " : ", ") + Name(graph, graph.outputs[i]);
    }
    Line(indent, line);
  }

  std::string GraphText(const Graph& graph, int indent) {
    Printer inside(options_);
    inside.PrintBody(graph, indent + 1);
    return fmt::format("graph {} ({}) {{\n{}{}}}", Quote(graph.name), Inputs(graph), inside.text_,
                       Spaces(indent));
  }

  std::string Inputs(const Graph& graph) {
    std::string text;
    for (size_t i = 0; i < graph.inputs.size(); ++i) {
      if (i > 0) text += ", ";
      text += TypedName(graph, graph.inputs[i]);
    }
    return text;
  }

  std::string AttributeText(const Attribute& attribute, int indent) {
    std::string text = QuoteUnlessPlain(attribute.name) + "=";
    if (!attribute.reference.empty())
      return fmt::format("{}@{}", text, QuoteUnlessPlain(attribute.reference));
    return text +
           std::visit([&](const auto& value) { return ValueText(value, indent); }, attribute.value);
  }

  const std::string& text() const { return text_; }

 private:
  using GraphPointer = std::shared_ptr<const Graph>;

  static std::string Spaces(int indent) {
    return std::string(static_cast<size_t>(indent) * 2, ' ');
  }

  void Line(int indent, const std::string& line) { text_ += Spaces(indent) + line + "\n"; }

  static std::string Name(const Graph& graph, ValueId id) {
    if (id == kNoValue) return "_";
    const std::string& name = graph.value(id).name;
    if (name.empty()) return fmt::format("%#{}", id);
    return fmt::format("%{}", QuoteUnlessPlain(name));
  }

  static std::string TypedName(const Graph& graph, ValueId id) {
    return fmt::format("{}: {}", Name(graph, id), graph.value(id).type.ToString());
  }

  std::string ConstantText(const Tensor& tensor) const {
    if (tensor.elements() > options_.max_elements) return "constant";
    return PrintElements(tensor, options_.max_elements);
  }

  std::string NodeText(const Graph& graph, const Node& node, int indent) {
    std::string text;
    std::string types;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (i > 0) text += ", ";
      text += Name(graph, node.outputs[i]);
      types += i == 0 ? " : " : ", ";
      types += node.outputs[i] == kNoValue ? "_" : graph.value(node.outputs[i]).type.ToString();
    }
    if (!node.outputs.empty()) text += " = ";
    if (!node.domain.empty()) text += QuoteUnlessPlain(node.domain) + ".";
    text += QuoteUnlessPlain(node.op);
    if (!node.overload.empty()) text += fmt::format(":{}", QuoteUnlessPlain(node.overload));
    text += "(";
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (i == node.formal_inputs()) text += "; ";
      if (i > 0 && i != node.formal_inputs()) text += ", ";
      text += Name(graph, node.inputs[i]);
    }
    text += ")";
    for (size_t i = 0; i < node.attributes.size(); ++i) {
      text += (i == 0 ? " {" : ", ") + AttributeText(node.attributes[i], indent);
    }
    if (!node.attributes.empty()) text += "}";
    text += types;
    if (!node.name.empty()) text += "  # " + Quote(node.name);
    return text;
  }

  std::string ValueText(int64_t value, int) { return std::to_string(value); }
  std::string ValueText(float value, int) { return RealText(value); }
  std::string ValueText(const std::string& value, int) { return Quote(value); }
  std::string ValueText(const Tensor& value, int) {
    if (!value.valid()) return "absent";
    return fmt::format("{}{} {}", DTypeName(value.dtype()), value.shape().ToString(),
                       ConstantText(value));
  }
  std::string ValueText(const ValueType& value, int) { return value.ToString(); }
  std::string ValueText(const GraphPointer& value, int indent) {
    return value == nullptr ? "none" : GraphText(*value, indent);
  }
  template <typename Item>
  std::string ValueText(const std::vector<Item>& value, int indent) {
    return ListText(value, [&](const Item& item) { return ValueText(item, indent); });
  }

  const PrintOptions& options_;
  std::string text_;
};

std::string OpsetsText(const std::map<std::string, int>& opsets) {
  std::string text;
  for (const auto& [domain, version] : opsets) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", domain.empty() ? "ai.onnx" : QuoteUnlessPlain(domain), version);
  }
  return text;
}

std::string FunctionText(const Function& function, const PrintOptions& options) {
  Printer printer(options);
  std::string text = "function ";
  if (!function.domain.empty()) text += QuoteUnlessPlain(function.domain) + ".";
  text += QuoteUnlessPlain(function.name);
  if (!function.overload.empty()) text += fmt::format(":{}", QuoteUnlessPlain(function.overload));
  text +=
      fmt::format(" ({}) opset {}", printer.Inputs(*function.body), OpsetsText(function.opsets));
  if (!function.attribute_names.empty() || !function.attribute_defaults.empty()) {
    std::vector<std::string> attributes;
    for (const std::string& name : function.attribute_names) {
      attributes.push_back(QuoteUnlessPlain(name));
    }
    for (const Attribute& attribute : function.attribute_defaults) {
      attributes.push_back(printer.AttributeText(attribute, 0));
    }
    text += fmt::format(" attributes ({})", fmt::join(attributes, ", "));
  }
  printer.PrintBody(*function.body, 1);
  return text + " {\n" + printer.text() + "}\n";
}

}  // namespace

std::string PrintElements(const Tensor& tensor, int64_t max_elements) {
  std::string text = "[";
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    if (i > 0) text += ", ";
    if (i >= max_elements) {
      text += "...";
      break;
    }
    text += ElementText(tensor, i);
  }
  return text + "]";
}

std::string PrintGraph(const Graph& graph, const PrintOptions& options) {
  return Printer(options).GraphText(graph, 0) + "\n";
}

std::string PrintModel(const Model& model, const PrintOptions& options) {
  std::string text =
      fmt::format("model ir {}, opset {}\n", model.ir_version, OpsetsText(model.opsets));
  if (!model.producer_name.empty()) {
    text +=
        fmt::format("producer {} {}\n", Quote(model.producer_name), Quote(model.producer_version));
  }
  for (const auto& [key, value] : model.metadata) {
    text += fmt::format("metadata {}={}\n", Quote(key), Quote(value));
  }
  for (const Function& function : model.functions) text += FunctionText(function, options);
  return text + PrintGraph(model.graph, options);
}

}  // namespace assay
