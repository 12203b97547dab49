#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "plan/plan.h"
#include "plan/shape_profile.h"
#include "runtime/packed_weights.h"
#include "runtime/program.h"

namespace assay {

struct EngineOptions {
  std::shared_ptr<ThreadPool> threads;  // nullptr: one per usable CPU
  std::vector<std::string> disabled_passes;
  // Input shapes that the engine is for; empty: all that the model takes.
  ShapeProfile profile;
  // For models with dynamic shapes: plans kept, the one that was not used for longest goes first.
  size_t cached_plans = 8;
  // As PlanOptions::tactic_of; not for an engine from a file.
  std::function<std::string(const Graph& graph, NodeId node)> tactic_of;
  // Instruction sets to plan for; nullopt: those of this processor.
  std::optional<CpuFeatures> cpu;
};

// A model ready to run on this machine: rewritten, its weights packed, a plan per set of input
// shapes. Used by any number of threads, each with a context of its own.
class Engine {
 public:
  // Rewrites and plans. The plan is made at once for the shapes that the profile is tuned for, or
  // for a model whose input shapes are all fixed; else with the first run of each set of shapes.
  // Errors: those of inference, kUnsupported naming the node.
  static Result<std::shared_ptr<Engine>> Build(std::shared_ptr<const Model> model,
                                               const EngineOptions& options);

  // True if the file begins like an engine file.
  static bool IsEngineFile(const std::filesystem::path& path);
  // Opens an engine that Save wrote; its profile and passes are those of the file. Weights stay in
  // the mapped file. Errors: kInvalidInput for a damaged file, kUnsupported for one of another
  // version or processor.
  static Result<std::shared_ptr<Engine>> Load(const std::filesystem::path& path,
                                              const EngineOptions& options);
  // Writes the engine with its plan for the shapes that `profile` (empty: its own) is tuned for;
  // one that no plan covers as a whole is planned when it runs after loading, too. What
  // EngineOptions::tactic_of chose is kept in the plan only. The same model, options and processor
  // give the same bytes. Errors: kUsage without a profile or for one outside its own, kIo.
  Status Save(const std::filesystem::path& path, ShapeProfile profile = {});

  ~Engine();

  // After shape-independent passes; of an engine for one set of shapes that of its plan, without
  // weights that are packed.
  const Graph& graph() const;
  ThreadPool& threads() const;
  const ShapeProfile& profile() const;
  const std::vector<PassReport>& passes() const;  // empty for an engine from a file
  const std::string& source() const;              // file name of the model; may be empty
  std::string cpu() const;  // instruction sets that its plans may use: "avx2 avx512"

  // What runs for input shapes in the order of the model's inputs (without axes for inputs that are
  // no tensors). Thread-safe. Errors: kUsage for shapes outside the profile, showing both.
  Result<std::shared_ptr<const Program>> ProgramFor(const std::vector<Shape>& input_shapes);

  // A plan by this engine's machine and options, its weights packed. `graph` as MakePlan wants it.
  Result<std::shared_ptr<const Plan>> PlanOf(std::shared_ptr<const Graph> graph);

  // Packed weights that the plans made so far share. Thread-safe.
  PackedWeights& packed();

 private:
  Engine();
  // An engine for a part of this one's graph, or for a body in it, that shares threads and weights.
  Result<std::shared_ptr<Engine>> ForPart(const Graph& graph, bool with_passes) const;
  Result<std::shared_ptr<const Program>> MakeProgram(std::shared_ptr<const Graph> graph);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
