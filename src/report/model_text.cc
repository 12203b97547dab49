#include "report/model_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "base/quote.h"
#include "report/array_text.h"
#include "report/python_text.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

// Attributes whose integer is an element type.
constexpr std::string_view kTypeAttributes[] = {"to", "dtype", "target_type"};

class GraphText {
 public:
  GraphText(const Graph& graph, bool is_subgraph, const ModelTextOptions& options)
      : graph_(graph), is_subgraph_(is_subgraph), options_(options) {}

  std::string Text() const;

 private:
  std::string Lines(const std::vector<ValueId>& ids, bool mark_initializers) const;
  std::string Initializers() const;
  std::string ConstantNodes() const;
  std::string NodeText(NodeId id) const;
  std::string AttributeText(const Attribute& attribute) const;
  std::vector<ValueId> Constants(bool from_nodes) const;

  const Graph& graph_;
  bool is_subgraph_;
  const ModelTextOptions& options_;
};

TensorLine LineOf(const Value& value) { return {value.name, value.type.dtype, value.type.shape}; }

bool IsInitializer(const Value& value) { return value.constant || value.weights_absent; }

std::string GraphText::Lines(const std::vector<ValueId>& ids, bool mark_initializers) const {
  std::vector<TensorLine> lines;
  for (ValueId id : ids) {
    if (id == kNoValue) {
      lines.emplace_back();
      continue;
    }
    const Value& value = graph_.value(id);
    lines.push_back(LineOf(value));
    if (mark_initializers && IsInitializer(value) && !value.constant_node) {
      lines.back().name = "Initializer | " + value.name;
    }
  }
  return TensorList(lines);
}

std::vector<ValueId> GraphText::Constants(bool from_nodes) const {
  std::vector<ValueId> ids;
  for (size_t i = 0; i < graph_.values.size(); ++i) {
    const Value& value = graph_.values[i];
    if (IsInitializer(value) && value.constant_node.has_value() == from_nodes) {
      ids.push_back(static_cast<ValueId>(i));
    }
  }
  return ids;
}

std::string ListText(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape.dims(), ", "));
}

std::string GraphText::Initializers() const {
  const std::vector<ValueId> ids = Constants(false);
  std::string text = fmt::format("---- {} Initializer(s) ----\n", ids.size());
  if (!options_.weights) {
    if (options_.layers) text += Lines(ids, false) + "\n";
    return text + "\n";
  }
  for (ValueId id : ids) {
    const Value& value = graph_.value(id);
    if (!value.constant) {
      text += fmt::format("Initializer | {} [dtype={}] | external data, not loaded\n\n",
                          Printable(value.name), DTypeName(value.type.dtype));
      continue;
    }
    text += fmt::format("Initializer | {} [dtype={}, shape={}] | Values:\n{}\n\n",
                        Printable(value.name), DTypeName(value.constant->dtype()),
                        ListText(value.constant->shape()), IndentBlock(ArrayText(*value.constant)));
  }
  if (ids.empty()) text += "{}\n\n";
  return text;
}

std::string GraphText::ConstantNodes() const {
  const std::vector<ValueId> ids = Constants(true);
  if (ids.empty()) return "";
  std::string text = fmt::format("---- {} Constant Node(s) ----\n", ids.size());
  if (options_.layers) {
    for (ValueId id : ids) {
      const Value& value = graph_.value(id);
      text += fmt::format("{} -> {}", Printable(*value.constant_node), Lines({id}, false));
      if (options_.weights) {
        text += " | Values:\n" + IndentBlock(ArrayText(*value.constant));
      }
      text += "\n";
    }
  }
  return text + "\n";
}

std::string GraphText::AttributeText(const Attribute& attribute) const {
  if (!attribute.reference.empty())
    return "attribute " + Printable(attribute.reference) + " of the function";
  const auto graph_text = [&](const Graph& graph) {
    return "\n" + IndentBlock(GraphText(graph, true, options_).Text(), 2);
  };
  const auto tensor_text = [&](const Tensor& tensor) {
    std::string text = fmt::format("Tensor: [dtype={}, shape={}]", DTypeName(tensor.dtype()),
                                   ListText(tensor.shape()));
    if (options_.weights) text += " | Values:\n" + IndentBlock(ArrayText(tensor));
    return text;
  };
  return std::visit(
      [&]<typename T>(const T& value) -> std::string {
        if constexpr (std::is_same_v<T, int64_t>) {
          const bool is_type =
              std::ranges::find(kTypeAttributes, attribute.name) != std::end(kTypeAttributes);
          if (is_type && value > 0 && value < kDTypeCount) {
            return std::string{DTypeName(static_cast<DType>(value))};
          }
          return fmt::format("{}", value);
        } else if constexpr (std::is_same_v<T, float>) {
          return PythonRepr(static_cast<double>(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
          return value;
        } else if constexpr (std::is_same_v<T, Tensor>) {
          return tensor_text(value);
        } else if constexpr (std::is_same_v<T, std::shared_ptr<const Graph>>) {
          return graph_text(*value);
        } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
          return fmt::format("[{}]", fmt::join(value, ", "));
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          std::vector<std::string> items;
          for (float item : value) items.push_back(PythonRepr(static_cast<double>(item)));
          return fmt::format("[{}]", fmt::join(items, ", "));
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          return PythonStringList(value);
        } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
          std::string text;
          for (const Tensor& item : value) text += "\n" + IndentBlock(tensor_text(item));
          return text;
        } else if constexpr (std::is_same_v<T, std::vector<std::shared_ptr<const Graph>>>) {
          std::string text;
          for (const auto& item : value) text += graph_text(*item);
          return text;
        } else if constexpr (std::is_same_v<T, ValueType>) {
          return Printable(value.ToString());
        } else {
          std::string text;
          for (const ValueType& item : value) {
            text += (text.empty() ? "" : ", ") + Printable(item.ToString());
          }
          return "[" + text + "]";
        }
      },
      attribute.value);
}

std::string GraphText::NodeText(NodeId id) const {
  const Node& node = graph_.node(id);
  const std::string op = node.domain.empty() ? node.op : node.domain + "." + node.op;
  std::string text =
      fmt::format("Node {:<4} | {} [Op: {}]\n", id, Printable(node.name), Printable(op));
  const bool has_both = !node.inputs.empty() && !node.outputs.empty();
  text += IndentBlock(Lines(node.inputs, true));
  if (has_both) text += "\n";
  const std::string outputs = Lines(node.outputs, true);
  text += has_both ? "     -> " + IndentBlock(outputs).substr(4) : " -> " + outputs;
  text += "\n";
  if (!options_.attributes || node.attributes.empty()) return text;
  text += IndentBlock("---- Attributes ----") + "\n";
  for (const Attribute& attribute : node.attributes) {
    const std::string name = node.name.empty() ? attribute.name : node.name + "." + attribute.name;
    text += IndentBlock(fmt::format("{} = {}", Printable(name), AttributeText(attribute))) + "\n";
  }
  return text;
}

std::string GraphText::Text() const {
  const std::string_view what = is_subgraph_ ? "Subgraph" : "Graph";
  std::string text = fmt::format("---- {} {} Input(s) ----\n{}\n\n", graph_.inputs.size(), what,
                                 Lines(graph_.inputs, false));
  text += fmt::format("---- {} {} Output(s) ----\n{}\n\n", graph_.outputs.size(), what,
                      Lines(graph_.outputs, false));
  text += Initializers();
  text += ConstantNodes();
  text += fmt::format("---- {} Node(s) ----\n", graph_.nodes.size());
  if (!options_.layers) return text;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    text += NodeText(static_cast<NodeId>(i)) + "\n";
  }
  return text;
}

std::string TitleOf(const Model& model) {
  std::string title = fmt::format("Name: {} | ONNX Opset: ", Printable(model.graph.name));
  std::string others;
  std::string version = "Unknown";
  for (const auto& [domain, opset] : model.opsets) {
    if (domain.empty()) {
      version = fmt::format("{}", opset);
      continue;
    }
    if (!others.empty()) others += ", ";
    others += fmt::format("{}: {}", PythonString(domain), opset);
  }
  title += version;
  if (!others.empty()) title += fmt::format(" | Other Opsets: {{{}}}", others);
  return title;
}

}  // namespace

std::string ModelText(const Model& model, const ModelTextOptions& options) {
  std::string text = TitleOf(model) + "\n\n";
  if (options.attributes && !model.doc.empty()) {
    text += fmt::format("---- Docstring ----\n{}\n\n", model.doc);
  }
  text += GraphText(model.graph, false, options).Text();
  for (const Function& function : model.functions) {
    text += fmt::format("\n==== Function {}.{} ====\n{}", Printable(function.domain),
                        Printable(function.name), GraphText(*function.body, true, options).Text());
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace assay
