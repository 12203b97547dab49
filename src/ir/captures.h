#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace assay {

// Makes what the bodies of nodes capture visible as inputs of the nodes (Node::captured), so that
// whoever follows inputs follows captures too; captured constants become constants of the body.
// Nodes that have been treated already are only looked at for inputs that became constants since.
// Bodies inside bodies are left to the call for their own graph. Captures must be there
// (VerifyGraph).
void BindCaptures(Graph& graph);

// A body of a node, and which of the node's inputs is the first that it captures.
struct NodeBody {
  std::shared_ptr<const Graph> graph;
  size_t first_capture = 0;
};
// The one that an attribute holds; nullopt if it holds none. Captures must be bound.
std::optional<NodeBody> FindBody(const Node& node, std::string_view attribute);

// The bodies of a node, in the order in which their captures follow one another.
std::vector<std::shared_ptr<const Graph>> BodiesOf(const Node& node);

}  // namespace assay
