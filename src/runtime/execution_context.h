#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "runtime/engine.h"
#include "tensor/tensor.h"

namespace assay {

// Time of one step of one run.
struct StepTiming {
  int step = 0;  // of the plan
  double seconds = 0;
};

// Runs an engine: owns the arena. One thread at a time; after the first run with a set of shapes a
// further one allocates nothing but outputs that are not bound and timings.
class ExecutionContext {
 public:
  explicit ExecutionContext(std::shared_ptr<Engine> engine);
  ~ExecutionContext();

  // `inputs` in the order and with the element types of the model's inputs. `outputs` in the order
  // of its outputs: tensors of the right type and shape are written in place, invalid ones are
  // allocated. `timings`: filled with one entry per step if not nullptr. Errors: kInvalidInput for
  // tensors that do not fit, naming them; kUsage for shapes outside the profile and for outputs
  // whose memory overlaps that of an input or of one another; those of steps that depend on data,
  // naming the node.
  Status Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
             std::vector<StepTiming>* timings = nullptr);

  // Of the plan that ran last; nullptr before.
  const std::shared_ptr<const Plan>& plan() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
