#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "cli/options/comparison_options.h"
#include "cli/options/data_loader_options.h"
#include "cli/options/inference_options.h"
#include "cli/options/model_options.h"
#include "cli/options/postprocess_options.h"
#include "cli/parser.h"
#include "runners/runner_table.h"

namespace assay {

// Everything that the command line of `assay run` says.
struct RunSettings {
  std::vector<const RunnerDef*> runners;
  ModelSettings model;
  OnnxSaveSettings save_onnx;
  RunnerRequest request;                               // its model is set if there is one
  std::vector<std::string> graph_optimization_levels;  // of the instances of --onnxrt in order
  DataLoaderSettings data;
  InferenceSettings inference;
  NamedValues<TopK> postprocess;
  ComparisonSettings comparison;
  NamedShapes preferred_shapes;        // that the engine is tuned for, by the command line
  bool may_have_runners = true;        // false for commands that only compare files
  bool ignores_input_options = false;  // there are such options, and no runner
  std::string report;                  // path; empty: none
  std::shared_ptr<ThreadPool> threads;

  // What the runner number `instance` of its kind needs.
  RunnerRequest RequestFor(size_t instance) const;
};

// Warns of what has no effect. Errors: kUsage and what the options' readers give.
Result<RunSettings> ReadRunSettings(const ParsedOptions& options, LogSink& log);

// The threads that --threads asks for. Errors: kUsage.
Result<std::shared_ptr<ThreadPool>> ReadThreads(const ParsedOptions& options);

// The option groups of `assay run`, in the order of the help.
OptionGroups RunOptionGroups();

}  // namespace assay
