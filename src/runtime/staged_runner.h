#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "runtime/execution_context.h"
#include "runtime/late_step.h"
#include "runtime/plan_runner.h"
#include "runtime/program.h"

namespace assay {

// Runs a program that no plan covers as a whole.
class StagedRunner {
 public:
  StagedRunner(std::shared_ptr<const Program> program, std::shared_ptr<Engine> engine,
               Monitor monitor);

  // In the order of the graph's inputs and outputs. Appends to `timings` unless it is nullptr.
  Result<std::vector<RuntimeValue>> Run(std::span<const RuntimeValue> inputs,
                                        std::vector<StepTiming>* timings);

  void AppendExecutedSteps(std::vector<ExecutedStep>& steps) const;
  size_t arena_bytes() const;

 private:
  Status RunParts(std::vector<StepTiming>* timings);
  Status RunHead(std::vector<StepTiming>* timings);
  Status RunBoxed(NodeId id, std::vector<StepTiming>* timings);
  // True if a tactic could run the node.
  Result<bool> RunLate(NodeId id);
  Status RunKernel(NodeId id);
  std::string_view TacticOf(NodeId id) const;
  Status RunRest(std::vector<StepTiming>* timings);
  Result<std::vector<RuntimeValue>> RunBody(const Graph& body, std::vector<RuntimeValue> inputs,
                                            std::vector<RuntimeValue> captures, bool widen);
  const RuntimeValue& ValueOf(ValueId id) const { return values_[static_cast<size_t>(id)]; }

  std::shared_ptr<const Program> program_;
  std::shared_ptr<Engine> engine_;
  Monitor monitor_;
  PlanRunner head_;
  std::map<NodeId, LateStep> late_;
  std::map<const Graph*, std::unique_ptr<ExecutionContext>> bodies_;
  std::unique_ptr<ExecutionContext> rest_;
  // Of program_->graph: constants always, others while it runs.
  std::vector<RuntimeValue> values_;
};

}  // namespace assay
