#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "plan/plan.h"
#include "tensor/tensor.h"

namespace assay {

struct EngineOptions {
  int threads = 0;  // 0: one per usable CPU
  std::vector<std::string> disabled_passes;
  size_t cached_plans =
      8;  // for models with dynamic shapes: plans kept, the oldest unused goes first
};

// Time of one step of one run.
struct StepTiming {
  std::vector<std::string> origins;  // names of the model's nodes
  std::string_view tactic;
  double seconds = 0;
};

// A model ready to run on this machine: rewritten, its weights packed, a plan per set of input
// shapes. Used by any number of threads, each with a context of its own.
class Engine {
 public:
  // Rewrites and plans; for a model whose input shapes are all fixed the plan is made at once, else
  // with the first run of each set of shapes. Errors: those of inference, kUnsupported naming the
  // node.
  static Result<std::shared_ptr<Engine>> Build(std::shared_ptr<const Model> model,
                                               const EngineOptions& options);
  ~Engine();

  const Graph& graph() const;  // after shape-independent passes
  ThreadPool& threads() const;

  // The plan for input shapes in the order of the model's inputs. Thread-safe.
  Result<std::shared_ptr<const Plan>> PlanFor(const std::vector<Shape>& input_shapes);

  // Bytes of packed weights that plans made so far share.
  size_t packed_bytes() const;

 private:
  friend class ExecutionContext;
  Engine();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Runs an engine: owns the arena. One thread at a time; after the first run with a set of shapes a
// further one allocates nothing.
class ExecutionContext {
 public:
  explicit ExecutionContext(std::shared_ptr<Engine> engine);
  ~ExecutionContext();

  // `inputs` in the order and with the element types of the model's inputs. `outputs` in the order
  // of its outputs: tensors of the right type and shape are written in place, invalid ones are
  // allocated. `timings`: filled with one entry per step if not nullptr.
  Status Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
             std::vector<StepTiming>* timings = nullptr);

  // Of the plan that ran last.
  const Plan* plan() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
