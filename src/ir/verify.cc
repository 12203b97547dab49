#include "ir/verify.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/quote.h"
#include "ir/topology.h"

namespace assay {
namespace {

constexpr int kMaxDepth = 100;

struct Scope {
  bool main_graph = false;
  bool in_function = false;
  int depth = 0;
};

class Verifier {
 public:
  Verifier(const Graph& graph, const Scope& scope) : graph_(graph), scope_(scope) {}

  Status Run() {
    Status status = CheckAll();
    return status.ok() ? status : status.WithContext("graph " + Quote(graph_.name));
  }

 private:
  static Status Broken(std::string message) {
    return Status(StatusCode::kInvalidInput, "ir verifier: " + std::move(message));
  }

  std::string Label(ValueId id) const {
    return fmt::format("value {} {}", id, Quote(graph_.value(id).name));
  }

  Status CheckAll() {
    if (scope_.depth > kMaxDepth) return Broken("graphs nested without end");
    definitions_.assign(graph_.values.size(), 0);
    ASSAY_RETURN_IF_ERROR(CheckNames());
    ASSAY_RETURN_IF_ERROR(CheckIds(graph_.inputs, "graph inputs", /*may_be_left_out=*/false));
    ASSAY_RETURN_IF_ERROR(CheckIds(graph_.outputs, "graph outputs", /*may_be_left_out=*/false));
    for (const auto& [id, outer_name] : graph_.captures) {
      ASSAY_RETURN_IF_ERROR(CheckIds({id}, "captures", /*may_be_left_out=*/false));
      if (outer_name.empty() || graph_.value(id).name != outer_name) {
        return Broken(fmt::format("capture {}: expected the name {} of the outer value", Label(id),
                                  Quote(outer_name)));
      }
      if (scope_.depth == 0) {
        return Broken(fmt::format("{} is captured, but there is no enclosing graph", Label(id)));
      }
      ++definitions_[static_cast<size_t>(id)];
    }
    for (ValueId id : graph_.inputs) {
      ASSAY_RETURN_IF_ERROR(CheckInput(id));
      ++definitions_[static_cast<size_t>(id)];
    }
    ASSAY_RETURN_IF_ERROR(CheckConstants());
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(CheckNodeOutputs(static_cast<NodeId>(i)));
    }
    ASSAY_RETURN_IF_ERROR(CheckDefinitions());
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Status status = CheckNode(static_cast<NodeId>(i));
      if (!status.ok()) return status.WithContext(graph_.NodeLabel(static_cast<NodeId>(i)));
    }
    for (ValueId id : graph_.outputs) ASSAY_RETURN_IF_ERROR(CheckDefined(id, "graph outputs"));
    return OkStatus();
  }

  Status CheckNames() {
    for (size_t i = 0; i < graph_.values.size(); ++i) {
      const std::string& name = graph_.values[i].name;
      if (!name.empty() && !names_.emplace(name, static_cast<ValueId>(i)).second) {
        return Broken(fmt::format("two values have the name {}", Quote(name)));
      }
    }
    return OkStatus();
  }

  Status CheckIds(const std::vector<ValueId>& ids, std::string_view what,
                  bool may_be_left_out) const {
    for (ValueId id : ids) {
      if (id == kNoValue && may_be_left_out) continue;
      if (id < 0 || static_cast<size_t>(id) >= graph_.values.size()) {
        return Broken(
            fmt::format("{}: expected ids from 0 to {}, got {}", what, graph_.values.size(), id));
      }
    }
    return OkStatus();
  }

  Status CheckInput(ValueId id) const {
    const ValueType& type = graph_.value(id).type;
    if (scope_.main_graph && type.kind == ValueType::Kind::kTensor &&
        type.dtype == DType::kUndefined) {
      return Broken(fmt::format("input {} has no element type", Label(id)));
    }
    return OkStatus();
  }

  Status CheckConstants() {
    for (size_t i = 0; i < graph_.values.size(); ++i) {
      const Value& value = graph_.values[i];
      if (!value.constant && !value.weights_absent) continue;
      ++definitions_[i];
      const auto id = static_cast<ValueId>(i);
      if (value.constant && value.weights_absent) {
        return Broken(fmt::format("{} has weights that are marked absent", Label(id)));
      }
      if (value.weights_absent) continue;
      const std::optional<Shape> shape =
          value.type.shape ? ToConcrete(*value.type.shape) : std::nullopt;
      if (value.type.kind != ValueType::Kind::kTensor ||
          value.type.dtype != value.constant->dtype() || shape != value.constant->shape()) {
        return Broken(fmt::format("constant {}: expected type {}{}, got {}", Label(id),
                                  DTypeName(value.constant->dtype()),
                                  value.constant->shape().ToString(), value.type.ToString()));
      }
    }
    return OkStatus();
  }

  Status CheckNodeOutputs(NodeId id) {
    const Node& node = graph_.node(id);
    ASSAY_RETURN_IF_ERROR(
        CheckIds(node.outputs, "outputs of " + graph_.NodeLabel(id), /*may_be_left_out=*/true));
    for (ValueId output : node.outputs) {
      if (output == kNoValue) continue;
      if (graph_.value(output).producer != id) {
        return Broken(fmt::format("{} is an output of {}, but names node {} as its producer",
                                  Label(output), graph_.NodeLabel(id),
                                  graph_.value(output).producer));
      }
      ++definitions_[static_cast<size_t>(output)];
    }
    return OkStatus();
  }

  Status CheckDefinitions() const {
    for (size_t i = 0; i < graph_.values.size(); ++i) {
      const auto id = static_cast<ValueId>(i);
      if (definitions_[i] > 1) {
        return Broken(fmt::format("{} is defined {} times", Label(id), definitions_[i]));
      }
      if (graph_.values[i].producer != kNoNode && definitions_[i] == 0) {
        return Broken(fmt::format("{} names node {} as its producer, which does not produce it",
                                  Label(id), graph_.values[i].producer));
      }
    }
    return OkStatus();
  }

  Status CheckDefined(ValueId id, std::string_view reader) const {
    if (definitions_[static_cast<size_t>(id)] == 1) return OkStatus();
    return Broken(fmt::format("{}: {} is not defined", reader, Label(id)));
  }

  Status CheckRead(NodeId reader, ValueId id) const {
    ASSAY_RETURN_IF_ERROR(CheckDefined(id, "inputs"));
    const NodeId producer = graph_.value(id).producer;
    if (producer != kNoNode && producer >= reader) {
      return Broken(
          fmt::format("{} is read before {} produces it", Label(id), graph_.NodeLabel(producer)));
    }
    return OkStatus();
  }

  Status CheckNode(NodeId id) const {
    const Node& node = graph_.node(id);
    if (node.op.empty()) return Broken("no operator type");
    ASSAY_RETURN_IF_ERROR(CheckIds(node.inputs, "inputs", /*may_be_left_out=*/true));
    for (ValueId input : node.inputs) {
      if (input != kNoValue) ASSAY_RETURN_IF_ERROR(CheckRead(id, input));
    }
    if (node.captured > 0) ASSAY_RETURN_IF_ERROR(CheckCaptured(node));
    std::set<std::string_view> seen;
    for (const Attribute& attribute : node.attributes) {
      if (!seen.insert(attribute.name).second) {
        return Broken(fmt::format("attribute {} is given twice", Quote(attribute.name)));
      }
      ASSAY_RETURN_IF_ERROR(CheckAttribute(id, attribute));
    }
    return OkStatus();
  }

  static Status CheckCaptured(const Node& node) {
    size_t captures = 0;
    ForEachSubgraph(node, [&](const Graph& body) { captures += body.captures.size(); });
    if (captures == static_cast<size_t>(node.captured) && captures <= node.inputs.size()) {
      return OkStatus();
    }
    return Broken(fmt::format("captured inputs: expected {}, got {}", captures, node.captured));
  }

  Status CheckAttribute(NodeId id, const Attribute& attribute) const {
    if (!attribute.reference.empty()) {
      if (scope_.in_function) return OkStatus();
      return Broken(fmt::format("attribute {} refers to one of a function, but is in none",
                                Quote(attribute.name)));
    }
    if (const auto* one = std::get_if<std::shared_ptr<const Graph>>(&attribute.value)) {
      return CheckSubgraph(id, attribute, one->get());
    }
    if (const auto* list =
            std::get_if<std::vector<std::shared_ptr<const Graph>>>(&attribute.value)) {
      for (const auto& graph : *list) {
        ASSAY_RETURN_IF_ERROR(CheckSubgraph(id, attribute, graph.get()));
      }
    }
    return OkStatus();
  }

  Status CheckSubgraph(NodeId id, const Attribute& attribute, const Graph* subgraph) const {
    if (subgraph == nullptr) {
      return Broken(fmt::format("attribute {}: no graph", Quote(attribute.name)));
    }
    for (const auto& [inner, outer_name] : subgraph->captures) {
      if (graph_.node(id).captured > 0) break;
      const auto outer = names_.find(outer_name);
      if (outer == names_.end()) {
        return Broken(
            fmt::format("attribute {} captures {}, which the enclosing graph does not have",
                        Quote(attribute.name), Quote(outer_name)));
      }
      ASSAY_RETURN_IF_ERROR(CheckRead(id, outer->second));
    }
    const Scope inside{.in_function = scope_.in_function, .depth = scope_.depth + 1};
    return Verifier(*subgraph, inside).Run();
  }

  const Graph& graph_;
  const Scope scope_;
  std::vector<int> definitions_;
  std::unordered_map<std::string_view, ValueId> names_;
};

}  // namespace

Status VerifyGraph(const Graph& graph) { return Verifier(graph, {.main_graph = true}).Run(); }

Status VerifyModel(const Model& model) {
  ASSAY_RETURN_IF_ERROR(VerifyGraph(model.graph));
  for (const Function& function : model.functions) {
    if (function.body == nullptr) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("ir verifier: function {} has no body", Quote(function.name)));
    }
    const Status status = Verifier(*function.body, {.in_function = true}).Run();
    if (!status.ok()) return status.WithContext("function " + Quote(function.name));
  }
  return OkStatus();
}

}  // namespace assay
