#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "tensor/runtime_value.h"
#include "tensor/tensor.h"

namespace assay {

// Which truth: float64 throughout, or every tensor rounded to the element type that the model
// declares for it (after each operator is computed in float64).
enum class TruthKind { kExact, kTyped };

struct ReferenceOptions {
  TruthKind truth = TruthKind::kExact;
  Monitor monitor;
};

// What an evaluation cost.
struct ReferenceStatistics {
  size_t peak_bytes = 0;  // of tensors alive at one time, weights in use included
  int64_t nodes = 0;      // executed
};

// One evaluation of a graph or a part of it.
struct Evaluation {
  // Known values: graph inputs, or any value in the middle, which cuts off what lies before it. In
  // declared types or as kFloat64.
  std::vector<std::pair<ValueId, RuntimeValue>> feeds;
  // Values to return, in this order; only the nodes that they need are executed.
  std::vector<ValueId> wanted;
  // Called with every computed tensor of the graph (not of bodies) while it is alive, in execution
  // order; may replace the tensor. May be empty.
  std::function<void(ValueId, Tensor&)> observe;
};

// The float64 interpreter: runs a graph operator by operator, frees every tensor after its last
// use, and gives floating-point values as kFloat64 (others in their declared type). Shares no code
// with any engine. Results do not depend on the number of threads.
class Interpreter {
 public:
  // The graph must have passed InferGraph and must outlive the interpreter.
  Interpreter(const Graph& graph, ThreadPool& threads, ReferenceOptions options = {});

  // Errors: kInvalidInput (missing feed, wrong type or rank, shapes that do not fit, with the
  // node), kUnsupported, kResourceLimit (memory), kInterrupted.
  Result<std::vector<RuntimeValue>> Evaluate(const Evaluation& evaluation);

  // Feeds all graph inputs by name and returns all graph outputs in order. Errors besides:
  // kInvalidInput for a missing input.
  Result<std::vector<RuntimeValue>> RunValues(const TensorMap& inputs);
  // The same by name. Errors besides: kUnsupported for an output that is no tensor.
  Result<TensorMap> Run(const TensorMap& inputs);

  // Of the last evaluation.
  const ReferenceStatistics& statistics() const { return statistics_; }

 private:
  const Graph& graph_;
  ThreadPool& threads_;
  ReferenceOptions options_;
  ReferenceStatistics statistics_;
};

}  // namespace assay
