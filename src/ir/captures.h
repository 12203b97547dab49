#pragma once

#include <memory>
#include <span>

#include "ir/graph.h"

namespace assay {

// Makes what the bodies of nodes capture visible as inputs of the nodes (Node::captured), so that
// whoever follows inputs follows captures too; captured constants become constants of the body.
// Nodes that have been treated already are only looked at for inputs that became constants since.
// Bodies inside bodies are left to the call for their own graph. Captures must be there
// (VerifyGraph).
void BindCaptures(Graph& graph);

// The bodies of a node, in the order in which their captures follow one another.
std::vector<std::shared_ptr<const Graph>> BodiesOf(const Node& node);

}  // namespace assay
