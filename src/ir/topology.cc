#include "ir/topology.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <string_view>
#include <unordered_map>

namespace assay {
namespace {

// Producers of everything that each node reads, captures of its subgraphs included.
std::vector<std::vector<NodeId>> Dependencies(const Graph& graph) {
  std::vector<std::vector<NodeId>> dependencies(graph.nodes.size());
  std::unordered_map<std::string_view, ValueId> by_name;
  const auto find = [&](std::string_view name) {
    if (by_name.empty()) {
      for (size_t i = 0; i < graph.values.size(); ++i) {
        by_name.emplace(graph.values[i].name, static_cast<ValueId>(i));
      }
    }
    const auto found = by_name.find(name);
    return found == by_name.end() ? kNoValue : found->second;
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto add = [&](ValueId id) {
      if (id != kNoValue && graph.value(id).producer != kNoNode) {
        dependencies[i].push_back(graph.value(id).producer);
      }
    };
    for (ValueId input : graph.nodes[i].inputs) add(input);
    if (graph.nodes[i].captured > 0) continue;
    ForEachSubgraph(graph.nodes[i], [&](const Graph& subgraph) {
      for (const auto& [inner, outer_name] : subgraph.captures) add(find(outer_name));
    });
  }
  return dependencies;
}

// Follows unplaced producers from an unplaced node until one comes twice.
Status CycleError(const Graph& graph, const std::vector<std::vector<NodeId>>& dependencies,
                  const std::vector<bool>& placed, NodeId start) {
  std::vector<NodeId> path;
  std::vector<int> position(graph.nodes.size(), -1);
  NodeId at = start;
  while (position[static_cast<size_t>(at)] < 0) {
    position[static_cast<size_t>(at)] = static_cast<int>(path.size());
    path.push_back(at);
    for (NodeId producer : dependencies[static_cast<size_t>(at)]) {
      if (!placed[static_cast<size_t>(producer)]) {
        at = producer;
        break;
      }
    }
  }
  path.erase(path.begin(), path.begin() + position[static_cast<size_t>(at)]);
  std::reverse(path.begin(), path.end());

  constexpr size_t kShown = 8;
  std::string text = "cyclic graph: ";
  for (size_t i = 0; i < path.size() && i < kShown; ++i) {
    text += graph.NodeLabel(path[i]) + " -> ";
  }
  if (path.size() > kShown) text += std::to_string(path.size() - kShown) + " more -> ";
  return Status(StatusCode::kInvalidInput, text + graph.NodeLabel(path[0]),
                "no node may depend on its own output; a loop is written with Loop or Scan");
}

}  // namespace

Result<std::vector<NodeId>> TopologicalOrder(const Graph& graph) {
  const size_t count = graph.nodes.size();
  const std::vector<std::vector<NodeId>> dependencies = Dependencies(graph);
  std::vector<NodeId> order;
  order.reserve(count);

  std::vector<std::vector<NodeId>> consumers(count);
  std::vector<size_t> waiting(count);
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  for (size_t i = 0; i < count; ++i) {
    waiting[i] = dependencies[i].size();
    for (NodeId producer : dependencies[i]) {
      consumers[static_cast<size_t>(producer)].push_back(static_cast<NodeId>(i));
    }
    if (waiting[i] == 0) ready.push(static_cast<NodeId>(i));
  }
  std::vector<bool> placed(count, false);
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    placed[static_cast<size_t>(id)] = true;
    order.push_back(id);
    for (NodeId consumer : consumers[static_cast<size_t>(id)]) {
      if (--waiting[static_cast<size_t>(consumer)] == 0) ready.push(consumer);
    }
  }
  if (order.size() < count) {
    const auto first = std::find(placed.begin(), placed.end(), false);
    return CycleError(graph, dependencies, placed, static_cast<NodeId>(first - placed.begin()));
  }
  return order;
}

void ReorderNodes(Graph& graph, std::span<const NodeId> order) {
  std::vector<Node> nodes;
  nodes.reserve(order.size());
  std::vector<NodeId> new_id(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    new_id[static_cast<size_t>(order[i])] = static_cast<NodeId>(i);
    nodes.push_back(std::move(graph.node(order[i])));
  }
  graph.nodes = std::move(nodes);
  for (Value& value : graph.values) {
    if (value.producer != kNoNode) value.producer = new_id[static_cast<size_t>(value.producer)];
  }
}

}  // namespace assay
