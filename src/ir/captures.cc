#include "ir/captures.h"

#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace assay {
namespace {

using Body = std::shared_ptr<const Graph>;

template <typename Visit>
void ForEachBodySlot(Node& node, Visit visit) {
  for (Attribute& attribute : node.attributes) {
    if (auto* one = std::get_if<Body>(&attribute.value)) {
      if (*one != nullptr) visit(*one);
    } else if (auto* list = std::get_if<std::vector<Body>>(&attribute.value)) {
      for (Body& body : *list) visit(body);
    }
  }
}

class Binding {
 public:
  explicit Binding(Graph& graph) : graph_(graph) {}

  void Run() {
    for (Node& node : graph_.nodes) Bind(node);
  }

 private:
  // The values that the node's bodies capture, body by body.
  std::vector<ValueId> Captured(Node& node) {
    if (node.captured > 0) {
      return {node.inputs.end() - node.captured, node.inputs.end()};
    }
    std::vector<ValueId> captured;
    ForEachBodySlot(node, [&](Body& body) {
      for (const auto& [inner, name] : body->captures) captured.push_back(Find(name));
    });
    return captured;
  }

  void Bind(Node& node) {
    const std::vector<ValueId> captured = Captured(node);
    if (captured.empty()) return;
    node.inputs.resize(node.inputs.size() - static_cast<size_t>(node.captured));
    node.captured = 0;
    auto next = captured.begin();
    ForEachBodySlot(node, [&](Body& body) {
      const std::span<const ValueId> own(next, body->captures.size());
      next += static_cast<std::ptrdiff_t>(own.size());
      SinkConstants(body, own);
      for (ValueId id : own) {
        if (graph_.value(id).constant) continue;
        node.inputs.push_back(id);
        ++node.captured;
      }
    });
  }

  void SinkConstants(Body& body, std::span<const ValueId> outer) const {
    std::shared_ptr<Graph> changed;
    std::vector<std::pair<ValueId, std::string>> remaining;
    for (size_t i = 0; i < outer.size(); ++i) {
      const Value& source = graph_.value(outer[i]);
      if (!source.constant) {
        remaining.push_back(body->captures[i]);
        continue;
      }
      if (changed == nullptr) changed = std::make_shared<Graph>(*body);
      Value& value = changed->value(body->captures[i].first);
      value.constant = source.constant;
      value.type = source.type;
    }
    if (changed == nullptr) return;
    changed->captures = std::move(remaining);
    body = std::move(changed);
  }

  ValueId Find(std::string_view name) {
    if (by_name_.empty()) {
      for (size_t i = 0; i < graph_.values.size(); ++i) {
        by_name_.emplace(graph_.values[i].name, static_cast<ValueId>(i));
      }
    }
    return by_name_.at(name);
  }

  Graph& graph_;
  std::unordered_map<std::string_view, ValueId> by_name_;
};

}  // namespace

void BindCaptures(Graph& graph) { Binding(graph).Run(); }

std::optional<NodeBody> FindBody(const Node& node, std::string_view attribute) {
  size_t next = node.formal_inputs();
  for (const Attribute& candidate : node.attributes) {
    const auto* body = std::get_if<Body>(&candidate.value);
    if (body == nullptr || *body == nullptr) continue;
    if (candidate.name == attribute) return NodeBody{*body, next};
    next += (*body)->captures.size();
  }
  return std::nullopt;
}

std::vector<std::shared_ptr<const Graph>> BodiesOf(const Node& node) {
  std::vector<Body> bodies;
  for (const Attribute& attribute : node.attributes) {
    if (const auto* one = std::get_if<Body>(&attribute.value)) {
      if (*one != nullptr) bodies.push_back(*one);
    } else if (const auto* list = std::get_if<std::vector<Body>>(&attribute.value)) {
      bodies.insert(bodies.end(), list->begin(), list->end());
    }
  }
  return bodies;
}

}  // namespace assay
