#include "ir/graph_editor.h"

#include <algorithm>
#include <queue>

namespace assay {

GraphEditor::GraphEditor(Graph& graph) : graph_(graph) { Rebuild(); }

void GraphEditor::Rebuild() {
  uses_.assign(graph_.values.size(), {});
  is_output_.assign(graph_.values.size(), 0);
  removed_.assign(graph_.nodes.size(), 0);
  places_.clear();
  for (ValueId id : graph_.outputs) is_output_[static_cast<size_t>(id)] = 1;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    places_.push_back(static_cast<NodeId>(i));
    AddUses(static_cast<NodeId>(i));
  }
}

void GraphEditor::AddUses(NodeId id) {
  const Node& node = graph_.node(id);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    uses_[static_cast<size_t>(node.inputs[i])].push_back({id, static_cast<int>(i)});
  }
}

NodeId GraphEditor::OnlyReader(ValueId id) const {
  if (IsGraphOutput(id) || Uses(id).size() != 1) return kNoNode;
  return Uses(id)[0].node;
}

const Tensor* GraphEditor::ConstantInput(const Node& node, int i) const {
  if (i >= static_cast<int>(node.inputs.size())) return nullptr;
  const ValueId id = node.inputs[static_cast<size_t>(i)];
  if (id == kNoValue || !graph_.value(id).constant) return nullptr;
  return &*graph_.value(id).constant;
}

ValueId GraphEditor::AddValue(std::string name, ValueType type) {
  uses_.emplace_back();
  is_output_.push_back(0);
  return graph_.AddValue(std::move(name), std::move(type));
}

ValueId GraphEditor::AddConstant(std::string name, Tensor tensor) {
  uses_.emplace_back();
  is_output_.push_back(0);
  return graph_.AddConstant(std::move(name), std::move(tensor));
}

NodeId GraphEditor::AddNode(Node node, NodeId place) {
  removed_.push_back(0);
  const NodeId id = graph_.AddNode(std::move(node));
  places_.push_back(place == kNoNode ? id : places_[static_cast<size_t>(place)]);
  AddUses(id);
  return id;
}

void GraphEditor::SetInput(NodeId id, int input, ValueId value) {
  Node& node = graph_.node(id);
  const ValueId old = node.inputs[static_cast<size_t>(input)];
  if (old != kNoValue) {
    std::erase_if(uses_[static_cast<size_t>(old)],
                  [&](const Use& use) { return use.node == id && use.input == input; });
  }
  node.inputs[static_cast<size_t>(input)] = value;
  if (value != kNoValue) uses_[static_cast<size_t>(value)].push_back({id, input});
}

void GraphEditor::ReplaceUses(ValueId from, ValueId to) {
  const std::vector<Use> uses = Uses(from);
  for (const Use& use : uses) SetInput(use.node, use.input, to);
}

void GraphEditor::RemoveNode(NodeId id) {
  Node& node = graph_.node(id);
  for (size_t i = 0; i < node.inputs.size(); ++i) SetInput(id, static_cast<int>(i), kNoValue);
  for (ValueId output : node.outputs) {
    if (output != kNoValue && graph_.value(output).producer == id) {
      graph_.value(output).producer = kNoNode;
    }
  }
  removed_[static_cast<size_t>(id)] = 1;
}

bool GraphEditor::Forward(NodeId id, ValueId value) {
  const ValueId output = graph_.node(id).outputs[0];
  if (!IsGraphOutput(output)) {
    ReplaceUses(output, value);
    RemoveNode(id);
    return true;
  }
  const NodeId producer = Producer(value);
  if (producer == kNoNode || IsGraphOutput(value)) return false;
  RemoveNode(id);
  for (ValueId& written : graph_.node(producer).outputs) {
    if (written == value) written = output;
  }
  graph_.value(output).producer = producer;
  graph_.value(value).producer = kNoNode;
  ReplaceUses(value, output);
  return true;
}

void GraphEditor::Finish() {
  const size_t count = graph_.nodes.size();
  // Kahn's algorithm with the first place first, so that an order that is right already stays.
  std::vector<int> waiting(count, 0);
  std::vector<std::vector<NodeId>> readers(count);
  for (size_t i = 0; i < count; ++i) {
    if (removed_[i] != 0) continue;
    for (ValueId input : graph_.nodes[i].inputs) {
      const NodeId producer = Producer(input);
      if (producer == kNoNode) continue;
      ++waiting[i];
      readers[static_cast<size_t>(producer)].push_back(static_cast<NodeId>(i));
    }
  }
  using Placed = std::pair<NodeId, NodeId>;  // place, node
  std::priority_queue<Placed, std::vector<Placed>, std::greater<>> ready;
  for (size_t i = 0; i < count; ++i) {
    if (removed_[i] == 0 && waiting[i] == 0) ready.emplace(places_[i], static_cast<NodeId>(i));
  }
  std::vector<Node> nodes;
  while (!ready.empty()) {
    const NodeId id = ready.top().second;
    ready.pop();
    nodes.push_back(std::move(graph_.node(id)));
    for (NodeId reader : readers[static_cast<size_t>(id)]) {
      if (--waiting[static_cast<size_t>(reader)] == 0) {
        ready.emplace(places_[static_cast<size_t>(reader)], reader);
      }
    }
  }

  std::vector<char> used(graph_.values.size(), 0);
  const auto mark = [&](ValueId id) {
    if (id != kNoValue) used[static_cast<size_t>(id)] = 1;
  };
  for (ValueId id : graph_.inputs) mark(id);
  for (ValueId id : graph_.outputs) mark(id);
  for (const auto& capture : graph_.captures) mark(capture.first);
  for (const Node& node : nodes) {
    for (ValueId id : node.inputs) mark(id);
    for (ValueId id : node.outputs) mark(id);
  }
  std::vector<ValueId> renamed(graph_.values.size(), kNoValue);
  std::vector<Value> values;
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i] == 0) continue;
    renamed[i] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph_.values[i]));
    values.back().producer = kNoNode;
  }
  const auto rename = [&](ValueId& id) {
    if (id != kNoValue) id = renamed[static_cast<size_t>(id)];
  };
  for (ValueId& id : graph_.inputs) rename(id);
  for (ValueId& id : graph_.outputs) rename(id);
  for (auto& capture : graph_.captures) rename(capture.first);
  graph_.values = std::move(values);
  graph_.nodes.clear();
  for (Node& node : nodes) {
    for (ValueId& id : node.inputs) rename(id);
    for (ValueId& id : node.outputs) rename(id);
    graph_.AddNode(std::move(node));
  }
  Rebuild();
}

std::vector<std::string> OriginsOf(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!node.origins.empty()) return node.origins;
  return {node.name.empty() ? graph.NodeLabel(id) : node.name};
}

std::vector<std::string> MergeOrigins(const Graph& graph, const std::vector<NodeId>& nodes) {
  std::vector<std::string> merged;
  for (NodeId id : nodes) {
    for (std::string& origin : OriginsOf(graph, id)) {
      if (std::find(merged.begin(), merged.end(), origin) == merged.end()) {
        merged.push_back(std::move(origin));
      }
    }
  }
  return merged;
}

}  // namespace assay
