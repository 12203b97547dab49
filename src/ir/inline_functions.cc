#include "ir/inline_functions.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "ir/constant_attribute.h"

namespace assay {
namespace {

constexpr int kMaxDepth = 100;

using Body = std::shared_ptr<const Graph>;

const Function* FindFunction(const Model& model, const Node& node) {
  for (const Function& function : model.functions) {
    if (function.name == node.op && function.domain == node.domain &&
        function.overload == node.overload) {
      return &function;
    }
  }
  return nullptr;
}

// What a body's references to attributes of its function stand for.
struct Call {
  const Function* function = nullptr;
  const Node* node = nullptr;

  const AttributeValue* Find(const std::string& name) const {
    if (const Attribute* given = node->FindAttribute(name)) return &given->value;
    for (const Attribute& attribute : function->attribute_defaults) {
      if (attribute.name == name) return &attribute.value;
    }
    return nullptr;
  }
};

class Inlining {
 public:
  explicit Inlining(const Model& model) : model_(model) {}

  // A copy of `source` without calls. `call` is nullptr outside functions.
  Result<Graph> Copy(const Graph& source, const Call* call, int depth) {
    Graph graph = source;
    graph.nodes.clear();
    for (Value& value : graph.values) value.producer = kNoNode;
    names_.emplace_back();
    for (const Value& value : graph.values) names_.back().insert(value.name);
    for (size_t i = 0; i < source.nodes.size(); ++i) {
      Node node = source.nodes[i];
      if (Status status = Append(graph, std::move(node), call, depth); !status.ok()) {
        return status.WithContext(source.NodeLabel(static_cast<NodeId>(i)));
      }
    }
    names_.pop_back();
    return graph;
  }

 private:
  Status Append(Graph& graph, Node node, const Call* call, int depth) {
    ASSAY_RETURN_IF_ERROR(ResolveAttributes(node, call, depth));
    const Function* function = FindFunction(model_, node);
    if (function == nullptr) {
      if (call != nullptr && TakeConstant(graph, node)) return OkStatus();
      graph.AddNode(std::move(node));
      return OkStatus();
    }
    if (depth > kMaxDepth) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("functions that call one another without end, {} among them",
                                Quote(function->name)));
    }
    return Expand(graph, node, *function, depth);
  }

  // A Constant whose value came from an attribute of the function.
  static bool TakeConstant(Graph& graph, const Node& node) {
    const bool is_constant = node.op == "Constant" && node.domain.empty() &&
                             node.attributes.size() == 1 && node.outputs.size() == 1 &&
                             node.outputs[0] != kNoValue;
    if (!is_constant) return false;
    std::optional<Tensor> tensor = ConstantOf(node.attributes[0]);
    if (!tensor) return false;
    Value& output = graph.value(node.outputs[0]);
    output.type = ValueType::TensorOf(tensor->dtype(), ToSymbolic(tensor->shape()));
    output.constant = std::move(tensor);
    output.constant_node = node.name;
    return true;
  }

  Status ResolveAttributes(Node& node, const Call* call, int depth) {
    std::vector<Attribute> resolved;
    for (Attribute& attribute : node.attributes) {
      if (call != nullptr && !attribute.reference.empty()) {
        // An attribute that neither the call nor a default gives is left out.
        const AttributeValue* value = call->Find(attribute.reference);
        if (value != nullptr) resolved.push_back({attribute.name, *value, ""});
        continue;
      }
      if (auto* body = std::get_if<Body>(&attribute.value)) {
        ASSAY_ASSIGN_OR_RETURN(*body, CopyBody(*body, call, depth));
      } else if (auto* list = std::get_if<std::vector<Body>>(&attribute.value)) {
        for (Body& body_of_list : *list) {
          ASSAY_ASSIGN_OR_RETURN(body_of_list, CopyBody(body_of_list, call, depth));
        }
      }
      resolved.push_back(std::move(attribute));
    }
    node.attributes = std::move(resolved);
    return OkStatus();
  }

  Result<Body> CopyBody(const Body& body, const Call* call, int depth) {
    ASSAY_ASSIGN_OR_RETURN(Graph graph, Copy(*body, call, depth + 1));
    return std::make_shared<const Graph>(std::move(graph));
  }

  // The function's body with its calls inlined, then its values under names of their own.
  Status Expand(Graph& graph, const Node& node, const Function& function, int depth) {
    if (node.inputs.size() > function.body->inputs.size() ||
        node.outputs.size() > function.body->outputs.size()) {
      return Status(
          StatusCode::kInvalidInput,
          fmt::format("function {}: expected at most {} inputs and {} outputs, got {} and "
                      "{}",
                      Quote(function.name), function.body->inputs.size(),
                      function.body->outputs.size(), node.inputs.size(), node.outputs.size()));
    }
    const Call call{&function, &node};
    ASSAY_ASSIGN_OR_RETURN(const Graph body, Copy(*function.body, &call, depth + 1));
    const std::string prefix =
        node.name.empty() ? fmt::format("{}#{}", node.op, expanded_++) : node.name;
    std::vector<ValueId> placed(body.values.size(), kNoValue);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      placed[static_cast<size_t>(body.inputs[i])] = node.inputs[i];
    }
    std::vector<char> is_input(body.values.size(), 0);
    for (ValueId id : body.inputs) is_input[static_cast<size_t>(id)] = 1;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(PlaceOutput(graph, node, body, i, is_input, placed));
    }
    for (size_t i = 0; i < body.values.size(); ++i) {
      if (is_input[i] != 0 || placed[i] != kNoValue) continue;
      Value value = body.values[i];
      value.name = UniqueName(prefix + "/" + value.name);
      value.producer = kNoNode;
      placed[i] = static_cast<ValueId>(graph.values.size());
      graph.values.push_back(std::move(value));
    }
    for (const Node& inner : body.nodes) {
      Node copy = inner;
      copy.name = prefix + "/" + (inner.name.empty() ? inner.op : inner.name);
      for (ValueId& id : copy.inputs) {
        if (id != kNoValue) id = placed[static_cast<size_t>(id)];
      }
      for (ValueId& id : copy.outputs) {
        if (id != kNoValue) id = placed[static_cast<size_t>(id)];
      }
      while (!copy.inputs.empty() && copy.inputs.back() == kNoValue) copy.inputs.pop_back();
      RenameCaptures(copy, body, placed, graph);
      graph.AddNode(std::move(copy));
    }
    return OkStatus();
  }

  // An output of a call is the value that the body gives; one that is an input or a constant of the
  // body, or given twice, is copied.
  Status PlaceOutput(Graph& graph, const Node& node, const Graph& body, size_t i,
                     const std::vector<char>& is_input, std::vector<ValueId>& placed) {
    const ValueId output = node.outputs[i];
    if (output == kNoValue) return OkStatus();
    const auto inner = static_cast<size_t>(body.outputs[i]);
    if (is_input[inner] == 0 && !body.values[inner].constant && placed[inner] == kNoValue) {
      placed[inner] = output;
      return OkStatus();
    }
    if (body.values[inner].constant) {
      graph.value(output).constant = body.values[inner].constant;
      graph.value(output).type = body.values[inner].type;
      return OkStatus();
    }
    if (placed[inner] == kNoValue) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("output {} is an input that the call leaves out", i));
    }
    graph.AddNode({.name = node.name,
                   .op = "Identity",
                   .opset = 1,
                   .inputs = {placed[inner]},
                   .outputs = {output}});
    return OkStatus();
  }

  // Bodies inside a function capture its values under the names that these have now.
  static void RenameCaptures(Node& node, const Graph& function_body,
                             const std::vector<ValueId>& placed, const Graph& graph) {
    std::unordered_map<std::string, std::string> renamed;
    for (size_t i = 0; i < placed.size(); ++i) {
      if (placed[i] == kNoValue) continue;
      renamed[function_body.values[i].name] = graph.value(placed[i]).name;
    }
    for (Attribute& attribute : node.attributes) {
      if (auto* one = std::get_if<Body>(&attribute.value)) *one = Renamed(*one, renamed);
      if (auto* list = std::get_if<std::vector<Body>>(&attribute.value)) {
        for (Body& body : *list) body = Renamed(body, renamed);
      }
    }
  }

  static Body Renamed(const Body& body, const std::unordered_map<std::string, std::string>& names) {
    if (body == nullptr || body->captures.empty()) return body;
    auto copy = std::make_shared<Graph>(*body);
    std::unordered_map<std::string, std::string> inside;
    for (auto& [id, outer] : copy->captures) {
      const auto found = names.find(outer);
      if (found == names.end()) continue;
      inside[copy->value(id).name] = found->second;
      copy->value(id).name = found->second;
      outer = found->second;
    }
    for (Node& node : copy->nodes) {
      for (Attribute& attribute : node.attributes) {
        if (auto* one = std::get_if<Body>(&attribute.value)) *one = Renamed(*one, inside);
      }
    }
    return copy;
  }

  std::string UniqueName(std::string name) {
    if (names_.back().insert(name).second) return name;
    for (int i = 2;; ++i) {
      std::string numbered = fmt::format("{}#{}", name, i);
      if (names_.back().insert(numbered).second) return numbered;
    }
  }

  const Model& model_;
  std::vector<std::unordered_set<std::string>> names_;  // of the graphs being made, innermost last
  int expanded_ = 0;
};

}  // namespace

Result<Graph> InlineFunctions(const Model& model) {
  if (model.functions.empty()) return model.graph;
  return Inlining(model).Copy(model.graph, nullptr, 0);
}

}  // namespace assay
