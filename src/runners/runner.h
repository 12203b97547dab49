#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "tensor/tensor.h"

namespace assay {

// Name, type and shape of a model input or output as a runner sees it.
struct TensorInfo {
  std::string name;
  ValueType type;
  // To be run with where nothing else says a shape; nullopt: the runner prefers none.
  std::optional<Shape> preferred_shape = {};
};

// What really runs, as far as the runner can find out; printed in every report.
struct RunnerInfo {
  std::string library;  // "ONNX Runtime 1.32.0", "Assay reference (exact float64)"
  std::string device;   // "CPU", "NVIDIA H100"
  // More facts in print order, for example {"providers", "CPUExecutionProvider"}, {"TF32", "off"}.
  std::vector<std::pair<std::string, std::string>> details;
  std::vector<PassReport> passes;  // over the graph, in order; empty where there were none
};

// Time of one step of an engine.
struct StepTime {
  std::vector<std::string> nodes;  // of the model, that it stands for
  std::string tactic;
  double seconds = 0;
};

// Steps of an engine that run the reference's own kernels, so that a comparison with the reference
// is no independent check of them.
struct ReferenceSteps {
  struct Step {
    std::string op;
    std::vector<std::string> nodes;  // of the model, that it stands for
    bool computes_floats = false;    // else nothing is rounded, and there is little to check
  };
  std::vector<Step> steps;
  size_t total = 0;  // of all steps of the engine
};

struct RunOutput {
  TensorMap outputs;   // in the model's output order; a sequence as its elements
  double seconds = 0;  // wall time of this inference alone
  // Most bytes of tensors alive at one time during it, weights in use included; 0: not known.
  size_t peak_tensor_bytes = 0;
  std::vector<StepTime> steps;  // in order, if the runner was asked for them and has any
  std::shared_ptr<const ReferenceSteps> reference_steps;  // nullptr if the runner has no steps
};

// Anything that turns inputs into outputs: an engine, a library, a recording. Used by one thread.
// Activate comes first; it may take long (building an engine, starting a process).
class Runner {
 public:
  virtual ~Runner() = default;

  // Errors: kUnavailable when a library, device or provider that was asked for is not there.
  virtual Result<RunnerInfo> Activate() = 0;
  // Valid after Activate, in the model's order.
  virtual const std::vector<TensorInfo>& Inputs() const = 0;
  virtual const std::vector<TensorInfo>& Outputs() const = 0;
  // `inputs` holds one tensor per entry of Inputs(), found by name; others are an error.
  virtual Result<RunOutput> Run(const TensorMap& inputs) = 0;
  virtual void Deactivate() {}
};

}  // namespace assay
