#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// A part of a graph as a graph of its own, and which values of the whole are its inputs and
// outputs, in order.
struct GraphPart {
  std::shared_ptr<const Graph> graph;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;

  bool empty() const { return graph == nullptr; }
};

// A graph with concrete input shapes in the order in which it can run: what can be planned now;
// nodes of which data decide the shapes, or whose values are no plain tensors; and what waits for
// the shapes of their results.
struct GraphSplit {
  GraphPart head;
  std::vector<NodeId> boxed;  // of the whole graph
  GraphPart rest;
};

// True if a plan can have this node: tensors of known shapes without strings, no bodies.
bool IsPlannable(const Graph& graph, const Node& node);
// True if one plan can have the whole graph: all its nodes and inputs.
bool IsPlannable(const Graph& graph);

// Every node is in exactly one part. What comes first is never in the rest, so that splitting the
// rest again, with the shapes that are known by then, ends. The graph must have passed InferGraph.
GraphSplit SplitGraph(const Graph& graph);

// One node of a graph as a graph, its inputs with the types that they have there.
GraphPart SingleNodePart(const Graph& graph, NodeId id);

}  // namespace assay
