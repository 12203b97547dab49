#include "cli/run/run_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/thread_count.h"
#include "cli/options/compare_function_options.h"
#include "cli/options/engine_options.h"
#include "cli/options/logging_options.h"
#include "cli/options/onnxruntime_options.h"
#include "cli/options/report_options.h"
#include "cli/options/runner_options.h"
#include "cli/options/tensorrt_options.h"
#include "cli/path_check.h"

namespace assay {
namespace {

Status CheckEngineFile(const RunSettings& settings) {
  if (!settings.request.model->is_engine()) return OkStatus();
  for (const RunnerDef* runner : settings.runners) {
    if (!runner->runs_engine_files) return settings.request.model->EngineFileRefused();
  }
  return OkStatus();
}

// With the largest shapes where none is tuned for; names that stand later count.
NamedShapes TunedShapes(const RunSettings& settings) {
  const bool has_engine = std::ranges::any_of(
      settings.runners, [](const RunnerDef* runner) { return runner->runs_engine_files; });
  if (!has_engine) return {};
  const ProfileRequest& profile = settings.request.engine.profile;
  NamedShapes shapes = profile.max_shapes;
  shapes.insert(shapes.end(), profile.opt_shapes.begin(), profile.opt_shapes.end());
  return shapes;
}

Status CheckWhatRuns(const ParsedOptions& options, RunSettings& settings) {
  const bool has_runners = !settings.runners.empty();
  if (has_runners && settings.model.path.empty()) {
    return Status(StatusCode::kUsage,
                  "One or more runners was specified, but no model file was provided. Make sure "
                  "you've specified the model path, and also that it's not being consumed as an "
                  "argument for another parameter");
  }
  if (has_runners) return CheckEngineFile(settings);
  if (settings.comparison.load_outputs.empty()) {
    return Status(
        StatusCode::kUsage, "No runners have been selected. Inference will not be run!",
        "select runners, for example --onnxrt --reference, or compare stored outputs with "
        "--load-outputs a.json b.json");
  }
  settings.ignores_input_options = !settings.data.random_inputs() || options.Has("--save-inputs") ||
                                   options.Has("--save-input-blob");
  return OkStatus();
}

}  // namespace

RunnerRequest RunSettings::RequestFor(size_t instance) const {
  RunnerRequest instance_request = request;
  if (!graph_optimization_levels.empty()) {
    instance_request.graph_optimization_level =
        graph_optimization_levels[std::min(instance, graph_optimization_levels.size() - 1)];
  }
  return instance_request;
}

OptionGroups RunOptionGroups() {
  OptionGroups groups = {&kLoggingOptions,       &RunnerOptions(),     &kReferenceOptions,
                         &kEngineOptions,        &kModelOptions,       &kOnnxLoadOptions,
                         &kOutputMarkingOptions, &kOnnxSaveOptions,    &kOnnxRuntimeOptions,
                         &kDataLoaderOptions,    &kImageOptions,       &kInferenceOptions,
                         &kRunComparisonOptions, &kPostprocessOptions, &kComparisonOptions};
  AppendCompareFunctionGroups(groups);
  groups.insert(groups.end(),
                {&kReportOptions, &kShapeInferenceOptions, &kTensorRtOptions, &kTensorFlowOptions});
  return groups;
}

Result<std::shared_ptr<ThreadPool>> ReadThreads(const ParsedOptions& options) {
  const std::optional<int64_t> threads = options.Integer("--threads");
  if (threads && (*threads < 1 || *threads > kMostThreads)) {
    return Status(StatusCode::kUsage, fmt::format("argument --threads: expected 1 to {}, got {}",
                                                  kMostThreads, *threads));
  }
  return std::make_shared<ThreadPool>(static_cast<int>(threads.value_or(0)));
}

Result<RunSettings> ReadRunSettings(const ParsedOptions& options, LogSink& log) {
  RunSettings settings;
  ASSAY_ASSIGN_OR_RETURN(settings.runners, ReadRunnerOptions(options));
  ASSAY_ASSIGN_OR_RETURN(settings.model, ReadModelOptions(options));
  ASSAY_ASSIGN_OR_RETURN(settings.save_onnx, ReadOnnxSaveOptions(options));
  ReadOnnxRuntimeOptions(options, settings.request);
  ASSAY_ASSIGN_OR_RETURN(settings.graph_optimization_levels, ReadGraphOptimizationLevels(options));
  ASSAY_ASSIGN_OR_RETURN(settings.request.engine, ReadEngineOptions(options));
  ASSAY_ASSIGN_OR_RETURN(settings.data, ReadDataLoaderOptions(options, log));
  ASSAY_ASSIGN_OR_RETURN(settings.inference, ReadInferenceOptions(options, log));
  ASSAY_ASSIGN_OR_RETURN(settings.postprocess, ReadPostprocessOptions(options));
  ASSAY_ASSIGN_OR_RETURN(settings.comparison, ReadComparisonOptions(options, log));
  settings.report = options.Value("--report").value_or("");
  ASSAY_ASSIGN_OR_RETURN(settings.threads, ReadThreads(options));
  settings.request.threads = settings.threads;
  settings.request.typed_reference = ReadTypedReference(options);
  if (!settings.model.path.empty()) {
    settings.request.model =
        std::make_shared<ModelSource>(settings.model.path, ReadOnnxLoadOptions(options));
  }
  for (const TypedShape& shape : settings.model.input_shapes) {
    if (!shape.is_dynamic()) {
      settings.request.input_shapes.emplace_back(shape.name, Shape(shape.values()));
    }
  }
  settings.preferred_shapes = TunedShapes(settings);
  ASSAY_RETURN_IF_ERROR(CheckPaths(options));
  ASSAY_RETURN_IF_ERROR(CheckWhatRuns(options, settings));
  return settings;
}

}  // namespace assay
