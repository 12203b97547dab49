#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/aligned_bytes.h"
#include "base/monitor.h"
#include "base/thread_pool.h"
#include "plan/plan.h"
#include "runtime/packed_weights.h"
#include "runtime/step_timing.h"
#include "tensor/tensor.h"

namespace assay {

// Runs a plan: owns the arena. After the first run of a plan a further one allocates nothing but
// timings.
class PlanRunner {
 public:
  // Gets ready for a plan whose weights are packed. The plan, the weights and the pool must outlive
  // its runs.
  Status Prepare(std::shared_ptr<const Plan> plan, const PackedWeights& packed,
                 ThreadPool& threads);
  const std::shared_ptr<const Plan>& plan() const { return plan_; }

  // Inputs and outputs of the plan's graph in its order, all with the right types and shapes.
  // Appends to `timings` unless it is nullptr. Errors: those of steps that depend on data, naming
  // the node; kInterrupted between two steps.
  Status Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
             std::vector<StepTiming>* timings, const Monitor& monitor);

 private:
  // An operand whose address changes from run to run.
  struct BoundOperand {
    size_t slot = 0;  // in `inputs_` or `outputs_`
    size_t index = 0;
    bool from_output = false;  // an input of a step that is an output of the model
  };
  struct PlannedCall {
    size_t first_input = 0;
    size_t first_output = 0;
    const std::byte* packed = nullptr;
    std::byte* workspace = nullptr;
  };

  void AddCall(const Plan& of, const Step& step, const PackedWeights& packed);
  const void* FixedAddress(const Plan& of, const Location& at) const;
  void Bind(std::span<const Tensor> inputs, std::span<Tensor> outputs);
  Status RunStep(size_t index);

  std::shared_ptr<const Plan> plan_;
  ThreadPool* threads_ = nullptr;
  AlignedBytes arena_;
  std::vector<PlannedCall> calls_;   // per step
  std::vector<const void*> inputs_;  // of all steps, one after the other
  std::vector<void*> outputs_;
  std::vector<BoundOperand> bound_inputs_;
  std::vector<BoundOperand> bound_outputs_;
};

}  // namespace assay
