#pragma once

#include <memory>

#include "plan/planner.h"

namespace assay {

// The tactic that a plan uses for a node. Errors: kUnsupported, naming the node, with every reason.
Result<const Tactic*> ChooseTactic(const Graph& graph, NodeId id, const Instance& instance,
                                   const PlanOptions& options);

// The graph with a node "Convert" wherever a tactic reads a value in another format than the one
// that writes it, and before outputs of the model that are not row-major; the same graph if there
// are none. Errors: as ChooseTactic; kUnsupported for constants that are wanted in another format.
Result<std::shared_ptr<const Graph>> InsertConversions(std::shared_ptr<const Graph> graph,
                                                       const PlanOptions& options);

}  // namespace assay
