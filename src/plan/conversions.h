#pragma once

#include <memory>
#include <vector>

#include "plan/planner.h"

namespace assay {

// A graph with the tactic of each node.
struct TacticChoice {
  std::shared_ptr<const Graph> graph;
  std::vector<const Tactic*> tactics;  // per node
};

// Chooses the tactics of a plan. The graph gets a node "Convert" wherever a tactic reads a value in
// another format than the one that writes it, and before outputs of the model that are not
// row-major; it is the same graph if there are none. Errors: kUnsupported for a node that no tactic
// computes, with every reason, and for constants that are wanted in another format.
Result<TacticChoice> ChooseTactics(std::shared_ptr<const Graph> graph, const PlanOptions& options);

}  // namespace assay
