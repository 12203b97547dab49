#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// The nodes in an order in which every node comes after the producers of what it and its subgraphs
// read; of several such orders, the one nearest to the present order. Reads names and producers
// only (Value::producer), so it can be used on a graph whose nodes are not in order yet. Errors:
// kInvalidInput naming the nodes of a cycle.
Result<std::vector<NodeId>> TopologicalOrder(const Graph& graph);

// Puts the nodes into another order; `order` is a permutation of all node ids.
void ReorderNodes(Graph& graph, std::span<const NodeId> order);

// Calls `visit` with every subgraph that is an attribute of the node.
template <typename Visit>
void ForEachSubgraph(const Node& node, Visit visit) {
  for (const Attribute& attribute : node.attributes) {
    if (const auto* one = std::get_if<std::shared_ptr<const Graph>>(&attribute.value)) {
      if (*one != nullptr) visit(**one);
    } else if (const auto* list =
                   std::get_if<std::vector<std::shared_ptr<const Graph>>>(&attribute.value)) {
      for (const auto& graph : *list) visit(*graph);
    }
  }
}

}  // namespace assay
