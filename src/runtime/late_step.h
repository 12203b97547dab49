#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/monitor.h"
#include "ir/graph.h"
#include "plan/split.h"
#include "runtime/plan_runner.h"
#include "tensor/runtime_value.h"

namespace assay {

class Engine;

// A node whose shapes follow from what its small integer inputs hold, a Reshape to computed extents
// for example: it is planned when these are known, and runs in a tactic like any other.
class LateStep {
 public:
  // A node without bodies of a graph that has passed InferGraph.
  LateStep(const Graph& graph, NodeId id) : part_(SingleNodePart(graph, id)) {}

  // Gives the outputs in the node's order, or nothing if the node is too small to be worth it or
  // cannot be planned even so. `inputs` as the node's, without those that are left out or constant.
  // Errors: those of steps that depend on data, of memory.
  Result<std::optional<std::vector<Tensor>>> Run(Engine& engine,
                                                 const std::vector<const RuntimeValue*>& inputs,
                                                 const Monitor& monitor);

  // Values of the whole graph, in the order in which Run takes and gives them.
  const std::vector<ValueId>& inputs() const { return part_.inputs; }
  const std::vector<ValueId>& outputs() const { return part_.outputs; }
  // Of the last run; empty if Run gave nothing.
  std::string_view tactic() const;

 private:
  Status Plan(Engine& engine, const std::vector<Tensor>& tensors);
  bool IsPlannedFor(const std::vector<Tensor>& tensors) const;

  GraphPart part_;
  bool gives_up_ = false;
  std::vector<Tensor> planned_for_;  // small integers as they were, of others only types and shapes
  PlanRunner runner_;
};

}  // namespace assay
