#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/monitor.h"
#include "base/status.h"
#include "runtime/engine.h"
#include "runtime/step_timing.h"
#include "tensor/runtime_value.h"
#include "tensor/tensor.h"

namespace assay {

// A step of the last run, or of its part that ran last: steps inside bodies are those of the body's
// last iteration.
struct ExecutedStep {
  std::string_view tactic;
  std::string op;
  std::vector<std::string> origins;  // names of the model's nodes that it stands for
  bool runs_reference_kernel = false;
  bool computes_floats = false;  // else nothing is rounded
};

// Appends the steps of a plan.
void AppendSteps(const Plan& plan, std::vector<ExecutedStep>& steps);

// Runs an engine: owns the memory for values. One thread at a time; where a plan covers the whole
// model, a further run with the same shapes allocates nothing but outputs that are not bound and
// timings.
class ExecutionContext {
 public:
  // A run stops with kInterrupted between two steps once the monitor says so.
  explicit ExecutionContext(std::shared_ptr<Engine> engine, Monitor monitor = {});
  ~ExecutionContext();

  // `inputs` in the order and with the element types of the model's inputs. `outputs` in the order
  // of its outputs: tensors of the right type and shape are written in place, invalid ones are
  // allocated. `timings`: filled with one entry per step if not nullptr. Errors: kInvalidInput for
  // tensors that do not fit, naming them; kUsage for shapes outside the profile and for outputs
  // whose memory overlaps that of an input or of one another; kUnsupported for inputs and outputs
  // that are no tensors; those of steps that depend on data, naming the node.
  Status Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
             std::vector<StepTiming>* timings = nullptr);

  // The same with values of every kind; outputs are made.
  Result<std::vector<RuntimeValue>> RunValues(std::span<const RuntimeValue> inputs,
                                              std::vector<StepTiming>* timings = nullptr);

  // Of what ran last; nullptr before, and where the model has no plan as a whole.
  const std::shared_ptr<const Plan>& plan() const;
  std::vector<ExecutedStep> ExecutedSteps() const;
  // For values of plans, without what boxed values take.
  size_t arena_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
