#include "plan/split.h"

#include <algorithm>
#include <utility>

#include "ir/captures.h"

namespace assay {
namespace {

enum class Part : uint8_t { kHead, kBoxed, kRest };

bool IsPlainTensor(const Value& value) {
  return value.type.kind == ValueType::Kind::kTensor && value.type.dtype != DType::kString;
}

bool HasKnownShape(const Value& value) {
  return value.constant.has_value() || (value.type.shape && ToConcrete(*value.type.shape));
}

// Shapes that would let the node be planned, or planned better, once they are known.
bool WaitsForShapes(const Graph& graph, const Node& node) {
  return std::ranges::any_of(node.inputs, [&](ValueId id) {
    return id != kNoValue && IsPlainTensor(graph.value(id)) && !HasKnownShape(graph.value(id));
  });
}

Part Latest(const Graph& graph, const Node& node, const std::vector<Part>& parts) {
  Part latest = Part::kHead;
  for (ValueId id : node.inputs) {
    if (id == kNoValue || graph.value(id).producer == kNoNode) continue;
    latest = std::max(latest, parts[static_cast<size_t>(graph.value(id).producer)]);
  }
  return latest;
}

std::vector<Part> Assign(const Graph& graph) {
  std::vector<Part> parts;
  for (const Node& node : graph.nodes) {
    const Part latest = Latest(graph, node, parts);
    const bool plannable = IsPlannable(graph, node);
    if (latest == Part::kRest) {
      parts.push_back(Part::kRest);
    } else if (plannable) {
      parts.push_back(latest == Part::kHead ? Part::kHead : Part::kRest);
    } else {
      parts.push_back(WaitsForShapes(graph, node) ? Part::kRest : Part::kBoxed);
    }
  }
  return parts;
}

class Extraction {
 public:
  Extraction(const Graph& graph, const std::vector<char>& chosen)
      : graph_(graph), chosen_(chosen), ids_(graph.values.size(), kNoValue) {}

  GraphPart Make(const std::vector<char>& is_wanted) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (chosen_[i] == 0) continue;
      Node node = graph_.nodes[i];
      for (ValueId& id : node.inputs) id = Read(id);
      for (ValueId& id : node.outputs) id = Write(id);
      if (node.origins.empty()) node.origins = {graph_.NodeLabel(static_cast<NodeId>(i))};
      if (!graph_.nodes[i].name.empty() && graph_.nodes[i].origins.empty()) {
        node.origins = {graph_.nodes[i].name};
      }
      part_->AddNode(std::move(node));
    }
    for (size_t i = 0; i < ids_.size(); ++i) {
      const auto id = static_cast<ValueId>(i);
      const NodeId producer = graph_.value(id).producer;
      const bool is_own = producer != kNoNode && chosen_[static_cast<size_t>(producer)] != 0;
      if (!is_own || is_wanted[i] == 0) continue;
      part_->outputs.push_back(ids_[i]);
      result_.outputs.push_back(id);
    }
    part_->name = graph_.name;
    result_.graph = std::move(part_);
    return std::move(result_);
  }

 private:
  ValueId Copy(ValueId id) {
    ValueId& copy = ids_[static_cast<size_t>(id)];
    if (copy != kNoValue) return copy;
    copy = static_cast<ValueId>(part_->values.size());
    part_->values.push_back(graph_.value(id));
    part_->values.back().producer = kNoNode;
    return copy;
  }

  ValueId Read(ValueId id) {
    if (id == kNoValue) return id;
    const bool is_new = ids_[static_cast<size_t>(id)] == kNoValue;
    const ValueId copy = Copy(id);
    const Value& value = graph_.value(id);
    const bool is_own =
        value.producer != kNoNode && chosen_[static_cast<size_t>(value.producer)] != 0;
    if (is_new && !is_own && !value.constant) {
      part_->inputs.push_back(copy);
      result_.inputs.push_back(id);
    }
    return copy;
  }

  ValueId Write(ValueId id) { return id == kNoValue ? id : Copy(id); }

  const Graph& graph_;
  const std::vector<char>& chosen_;
  std::vector<ValueId> ids_;
  std::shared_ptr<Graph> part_ = std::make_shared<Graph>();
  GraphPart result_;
};

// Values that somebody outside the chosen nodes reads.
std::vector<char> WantedOutside(const Graph& graph, const std::vector<char>& chosen) {
  std::vector<char> wanted(graph.values.size(), 0);
  for (ValueId id : graph.outputs) wanted[static_cast<size_t>(id)] = 1;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (chosen[i] != 0) continue;
    for (ValueId id : graph.nodes[i].inputs) {
      if (id != kNoValue) wanted[static_cast<size_t>(id)] = 1;
    }
  }
  return wanted;
}

GraphPart Extract(const Graph& graph, const std::vector<char>& chosen) {
  if (std::ranges::find(chosen, 1) == chosen.end()) return {};
  return Extraction(graph, chosen).Make(WantedOutside(graph, chosen));
}

}  // namespace

bool IsPlannable(const Graph& graph, const Node& node) {
  if (!BodiesOf(node).empty()) return false;
  const auto fits = [&](ValueId id) {
    return id == kNoValue || (IsPlainTensor(graph.value(id)) && HasKnownShape(graph.value(id)));
  };
  return std::ranges::all_of(node.inputs, fits) && std::ranges::all_of(node.outputs, fits);
}

bool IsPlannable(const Graph& graph) {
  const auto fits = [&](ValueId id) {
    return IsPlainTensor(graph.value(id)) && HasKnownShape(graph.value(id));
  };
  return std::ranges::all_of(graph.inputs, fits) &&
         std::ranges::all_of(graph.nodes,
                             [&](const Node& node) { return IsPlannable(graph, node); });
}

GraphSplit SplitGraph(const Graph& graph) {
  const std::vector<Part> parts = Assign(graph);
  const auto chosen = [&](Part part) {
    std::vector<char> result;
    for (Part of : parts) result.push_back(of == part ? 1 : 0);
    return result;
  };
  GraphSplit split;
  split.head = Extract(graph, chosen(Part::kHead));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == Part::kBoxed) split.boxed.push_back(static_cast<NodeId>(i));
  }
  split.rest = Extract(graph, chosen(Part::kRest));
  return split;
}

GraphPart SingleNodePart(const Graph& graph, NodeId id) {
  std::vector<char> chosen(graph.nodes.size(), 0);
  chosen[static_cast<size_t>(id)] = 1;
  return Extraction(graph, chosen).Make(std::vector<char>(graph.values.size(), 1));
}

}  // namespace assay
