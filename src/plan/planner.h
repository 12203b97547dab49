#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "plan/plan.h"

namespace assay {

struct PlanOptions {
  Machine machine;
  // Tactic of a node by name; an empty name or no function: the strict choice.
  std::function<std::string(const Graph& graph, NodeId node)> tactic_of;
  // Name of a node's packed weights; no function: made from what decides their bytes, so that
  // plans for other shapes share them.
  std::function<std::string(NodeId node)> packed_key_of;
};

// Makes the plan of a graph that SpecializeGraph gave: a tactic for every node, conversions where
// formats differ, memory by lifetimes with outputs written over inputs and parts of concatenations
// in place. Packs nothing: Step::packed_key says which packed weights a step needs. Errors:
// kUnsupported for an operator that no tactic computes, with every reason.
Result<std::shared_ptr<const Plan>> MakePlan(std::shared_ptr<const Graph> graph,
                                             const PlanOptions& options);

// Checks a plan without the code that made it: every step reads only what an earlier step, an input
// or a constant gives, in the format that it expects, and no memory is overwritten while it is
// needed. Errors: kInternal, naming step and value.
Status VerifyPlan(const Plan& plan);

}  // namespace assay
