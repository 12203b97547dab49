#pragma once

#include <vector>

#include "ir/graph.h"

namespace assay {

// One place where a value is read.
struct Use {
  NodeId node = kNoNode;
  int input = 0;
};

// Rewrites a graph while keeping track of who reads what. Node and value ids stay valid until
// Finish. New nodes may read values that are defined later in the list; Finish restores the order.
class GraphEditor {
 public:
  explicit GraphEditor(Graph& graph);

  Graph& graph() { return graph_; }
  bool IsRemoved(NodeId id) const { return removed_[static_cast<size_t>(id)] != 0; }
  // Reads by nodes.
  const std::vector<Use>& Uses(ValueId id) const { return uses_[static_cast<size_t>(id)]; }
  bool IsGraphOutput(ValueId id) const { return is_output_[static_cast<size_t>(id)] != 0; }
  // The only node that reads the value, if there is exactly one reading and it is no graph output.
  NodeId OnlyReader(ValueId id) const;
  // The node that computes the value, kNoNode for inputs and constants.
  NodeId Producer(ValueId id) const { return id == kNoValue ? kNoNode : graph_.value(id).producer; }
  // The constant tensor of input `i` of a node; nullptr if it is left out or computed.
  const Tensor* ConstantInput(const Node& node, int i) const;

  ValueId AddValue(std::string name, ValueType type);
  ValueId AddConstant(std::string name, Tensor tensor);
  // Adds a node whose outputs exist already; it becomes their producer. Among nodes that may run in
  // any order it stands where `place` stood, last if that is kNoNode.
  NodeId AddNode(Node node, NodeId place = kNoNode);
  void SetInput(NodeId id, int input, ValueId value);
  // Every node that reads `from` reads `to` instead. Graph outputs keep their values.
  void ReplaceUses(ValueId from, ValueId to);
  void RemoveNode(NodeId id);
  // The node's output 0 is the same as `value`: readers move to `value` and the node goes. A graph
  // output keeps its name: then the producer of `value` writes it. False, and nothing done, where
  // that is not possible (an output that would equal a graph input, a constant or another output).
  bool Forward(NodeId id, ValueId value);

  // Drops removed nodes and unread values, restores topological order and renumbers.
  void Finish();

 private:
  void Rebuild();
  void AddUses(NodeId id);

  Graph& graph_;
  std::vector<std::vector<Use>> uses_;
  std::vector<char> is_output_;
  std::vector<char> removed_;
  std::vector<NodeId> places_;  // per node: the one whose place in the list it has
};

// Labels of the model's nodes that a node stands for: its origins, or its own label.
std::vector<std::string> OriginsOf(const Graph& graph, NodeId id);

// Joins the origins of several nodes, in their order, without repetition.
std::vector<std::string> MergeOrigins(const Graph& graph, const std::vector<NodeId>& nodes);

}  // namespace assay
