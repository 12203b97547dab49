#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"

namespace assay {

// What a pass may do to the numbers.
enum class PassEffect {
  kExact,         // same operations on the same numbers
  kReassociates,  // the same function in real arithmetic; roundings fall differently
};

std::string_view PassEffectName(PassEffect effect);  // "exact", "reassociates"
std::string_view PassEffectText(PassEffect effect);  // "exact", "changes roundings"

struct PassContext {
  ThreadPool& threads;
  LogSink& log;
};

// One rewriting of a graph. The graph has passed InferGraph before and is verified and inferred
// again after.
struct Pass {
  std::string_view name;  // for --disable-pass and reports: "fold-constants"
  std::string_view summary;
  PassEffect effect = PassEffect::kExact;
  // Runs once more when all shapes are numbers, which may allow more.
  bool again_with_shapes = false;
  // Returns the number of changes made.
  Result<int> (*run)(Graph& graph, PassContext& context) = nullptr;
};

// All passes in the order in which they run.
std::span<const Pass* const> AllPasses();
// nullptr if there is none.
const Pass* FindPass(std::string_view name);

struct PipelineOptions {
  std::vector<std::string> disabled;  // names; an unknown one is an error with near names
  // Only passes that are kExact.
  bool exact_only = false;
  // Only passes that run again with shapes.
  bool has_shapes = false;
};

struct PassReport {
  std::string name;
  PassEffect effect = PassEffect::kExact;
  int changes = 0;
  double seconds = 0;
  bool disabled = false;
};

// Runs the passes over a graph that has passed InferGraph. After each one the graph is inferred
// again (types and shapes of graph outputs may not change). Errors name the pass.
Result<std::vector<PassReport>> RunPasses(Graph& graph, const PipelineOptions& options,
                                          PassContext& context);

}  // namespace assay
