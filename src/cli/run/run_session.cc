#include "cli/run/run_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "cli/help.h"
#include "cli/run/output_names.h"
#include "cli/run/stored_runs.h"
#include "compare/top_k.h"
#include "onnx/export.h"
#include "report/python_text.h"
#include "report/run_report_json.h"
#include "report/run_report_text.h"

namespace assay {
namespace {

std::string ListOfIndices(const std::vector<size_t>& indices) {
  return fmt::format("[{}]", fmt::join(indices, ", "));
}

Status SaveModelAsItRuns(const RunSettings& settings, LogSink& log) {
  if (settings.save_onnx.path.empty() || settings.request.model == nullptr) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Model> model,
                         settings.request.model->Load(log));
  ExportOptions options;
  options.external_data = settings.save_onnx.external_data;
  options.external_data_name = settings.save_onnx.external_data_name;
  options.external_data_threshold = settings.save_onnx.external_data_threshold;
  options.one_external_file = settings.save_onnx.one_external_file;
  log.Write(Severity::kInfo, "Saving ONNX model to: " + settings.save_onnx.path);
  return SaveModel(*model, settings.save_onnx.path, options);
}

std::string DescribeSource(const DataLoaderSettings& data) {
  if (!data.image_path.empty()) return "pictures of " + data.image_path;
  if (!data.input_files.empty()) return fmt::format("{}", fmt::join(data.input_files, ", "));
  return "random";
}

}  // namespace

RunSession::RunSession(const RunSettings& settings, const std::string& line, ConsoleLog& log)
    : settings_(settings),
      log_(log),
      monitor_(log.MakeMonitor(&CatchInterrupts())),
      comparison_(settings.comparison, *settings.threads, monitor_, log),
      validation_(*settings.threads, log),
      once_(log),
      start_(std::chrono::steady_clock::now()) {
  report_.command_line = line;
  report_.program_version = ProgramVersion();
  report_.model = settings.model.path;
  report_.validated = settings.comparison.validate;
}

ExitCode RunSession::Execute() {
  log_.Write(Severity::kStart, "RUNNING | Command: " + report_.command_line);
  Status status = Run();
  log_.EndProgress();
  for (const std::unique_ptr<RunStream>& stream : streams_) {
    const Status finished = stream->Finish();
    if (status.ok()) status = finished;
  }
  return Report(status);
}

Status RunSession::OpenStreams() {
  ASSAY_RETURN_IF_ERROR(SaveModelAsItRuns(settings_, log_));
  if (!settings_.runners.empty()) {
    ASSAY_ASSIGN_OR_RETURN(std::unique_ptr<LiveRuns> live,
                           LiveRuns::Create(settings_, monitor_, log_));
    live_ = live.get();
    report_.requested_iterations = live->ExpectedIterations();
    streams_.push_back(std::move(live));
  }
  if (settings_.may_have_runners && settings_.runners.empty()) {
    log_.Write(Severity::kWarning, "No runners have been selected. Inference will not be run!");
  }
  if (settings_.ignores_input_options) {
    log_.Write(Severity::kWarning,
               "No runners were specified, so inference will not be run and input-related options "
               "(e.g. --load-inputs/--save-inputs/--save-input-blob/--data-loader-script) will be "
               "ignored. Comparison will use only the loaded outputs.");
  }
  for (const std::string& path : settings_.comparison.load_outputs) {
    streams_.push_back(std::make_unique<StoredRuns>(path, log_));
  }
  kept_.resize(streams_.size());
  if (!settings_.postprocess.empty() && !settings_.inference.sequential) {
    log_.Write(Severity::kVerbose,
               "Will apply post-processing to streamed outputs: TopKPostprocessFunc");
  }
  return OkStatus();
}

Status RunSession::Run() {
  ASSAY_RETURN_IF_ERROR(OpenStreams());
  while (true) {
    ASSAY_RETURN_IF_ERROR(monitor_.Check());
    ASSAY_ASSIGN_OR_RETURN(const bool go_on, Step());
    if (!go_on) break;
    if (report_.requested_iterations > 1) {
      monitor_.Report(
          fmt::format("iteration {} of {}", iterations_, report_.requested_iterations),
          static_cast<double>(iterations_) / static_cast<double>(report_.requested_iterations));
    }
  }
  log_.EndProgress();
  for (const std::unique_ptr<RunStream>& stream : streams_) {
    if (!report_.iteration_mismatch) report_.iteration_mismatch = stream->Unpaired();
  }
  return Conclude();
}

void RunSession::WarnOfShortAxis(const NamedTensor& output, const TopK& top) {
  const int rank = output.tensor.shape().rank();
  const int64_t axis = top.axis < 0 ? top.axis + rank : top.axis;
  if (axis < 0 || axis >= rank) return;
  const int64_t extent = output.tensor.shape()[static_cast<int>(axis)];
  if (extent >= top.k) return;
  once_.Write(Severity::kWarning,
              fmt::format("--postprocess top-{}: output {} has {} value(s) along axis {}; all of "
                          "them are taken.",
                          top.k, output.name, extent, top.axis));
}

Status RunSession::Postprocess(RunGroup& group) {
  if (settings_.postprocess.empty()) return OkStatus();
  for (RecordedIteration& run : group) {
    for (NamedTensor& output : run.outputs) {
      const TopK* top = settings_.postprocess.Find(output.name);
      if (top == nullptr) continue;
      WarnOfShortAxis(output, *top);
      Result<Tensor> indices = TopKIndices(output.tensor, top->k, top->axis, *settings_.threads);
      if (!indices.ok()) {
        return indices.status().WithContext(fmt::format("--postprocess of output {}", output.name));
      }
      output.tensor = *std::move(indices);
    }
  }
  return OkStatus();
}

Result<bool> RunSession::ValidateGroup(const RunGroup& group) {
  const std::string prefix = fmt::format("Iteration {} | ", iterations_);
  for (const RecordedIteration& run : group) {
    for (const NamedTensor& output : run.outputs) {
      ASSAY_ASSIGN_OR_RETURN(std::optional<ValidationReport> invalid,
                             validation_.Check(run.runner_name, iterations_, output, prefix));
      if (!invalid) continue;
      report_.invalid_outputs.push_back(*std::move(invalid));
      report_.stopped_early = true;
      log_.Write(Severity::kCritical,
                 fmt::format("Output validation failed: iteration {} contains invalid values "
                             "(NaNs/Infs). See the errors above.",
                             iterations_));
      return false;
    }
  }
  return true;
}

Result<std::vector<RunGroup>> RunSession::PullGroups(std::vector<size_t>* ended) {
  std::vector<RunGroup> groups(streams_.size());
  for (size_t i = 0; i < streams_.size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(std::optional<RunGroup> group, streams_[i]->Next());
    if (!group) {
      ended->push_back(i);
      continue;
    }
    if (settings_.inference.sequential && settings_.comparison.validate) {
      kept_[i].push_back(*group);
    }
    ASSAY_RETURN_IF_ERROR(Postprocess(*group));
    if (settings_.comparison.validate && !settings_.inference.sequential) {
      ASSAY_ASSIGN_OR_RETURN(const bool valid, ValidateGroup(*group));
      if (!valid) return std::vector<RunGroup>();
    }
    groups[i] = *std::move(group);
  }
  return groups;
}

// Gives every run a name of its own: results are kept by name.
void RunSession::NameRuns() {
  std::set<std::string> taken;
  for (const std::unique_ptr<RunStream>& stream : streams_) {
    for (const RunnerReport& runner : stream->Runners()) {
      std::string name = runner.name;
      for (int number = 2; !taken.insert(name).second; ++number) {
        name = fmt::format("{}#{}", runner.name, number);
      }
      identities_.push_back({std::move(name), runner.is_truth});
    }
  }
}

Result<bool> RunSession::Step() {
  std::vector<size_t> ended;
  ASSAY_ASSIGN_OR_RETURN(std::vector<RunGroup> groups, PullGroups(&ended));
  if (groups.empty()) return false;
  if (ended.size() == streams_.size()) return false;
  if (!ended.empty()) {
    log_.Write(Severity::kWarning,
               fmt::format("The provided streams have different numbers of iterations. Only the "
                           "first {} iteration(s) -- present in all {} streams -- were compared; "
                           "stream(s) at index {} ran out first.",
                           iterations_, streams_.size(), ListOfIndices(ended)));
    report_.iteration_mismatch =
        fmt::format("some runs have more than {} iteration(s), others not: the rest has no partner",
                    iterations_);
    return false;
  }
  if (iterations_ == 0) {
    ASSAY_RETURN_IF_ERROR(CheckOutputNames(settings_, groups));
    NameRuns();
  }
  std::vector<const RecordedIteration*> runs;
  for (const RunGroup& group : groups) {
    for (const RecordedIteration& run : group) runs.push_back(&run);
  }
  ASSAY_ASSIGN_OR_RETURN(const bool go_on, comparison_.AddIteration(identities_, runs));
  ++iterations_;
  if (!go_on) {
    report_.stopped_early = true;
    NoteProducer();
  }
  return go_on;
}

// Where --fail-fast stops, the node is of more use than the name of its output.
void RunSession::NoteProducer() {
  if (live_ == nullptr || settings_.request.model->is_engine()) return;
  const Result<std::shared_ptr<const Model>> model = settings_.request.model->Load(NullLog());
  if (!model.ok()) return;
  const Graph& graph = (*model)->graph;
  for (const PairReport& pair : comparison_.pairs()) {
    if (pair.iterations.empty()) continue;
    for (const OutputReport& output : pair.iterations.back().outputs) {
      if (output.verdict == Verdict::kPass) continue;
      const ValueId value = graph.FindValue(output.output);
      if (value == kNoValue || graph.value(value).producer == kNoNode) continue;
      report_.reasons.push_back(
          fmt::format("the first output that does not pass, '{}', is made by {}", output.output,
                      graph.NodeLabel(graph.value(value).producer)));
      return;
    }
  }
}

Status RunSession::ValidateKept() {
  for (const std::vector<RunGroup>& groups : kept_) {
    std::vector<std::string> names;
    if (!groups.empty()) {
      for (const RecordedIteration& run : groups[0]) names.push_back(run.runner_name);
    }
    log_.Write(Severity::kStart, "Output Validation | Runners: " + PythonStringList(names));
    const LogIndent indent(log_);
    bool valid = true;
    for (size_t runner = 0; runner < names.size(); ++runner) {
      for (size_t iteration = 0; iteration < groups.size(); ++iteration) {
        for (const NamedTensor& output : groups[iteration][runner].outputs) {
          ASSAY_ASSIGN_OR_RETURN(
              std::optional<ValidationReport> invalid,
              validation_.Check(names[runner], static_cast<int64_t>(iteration), output, ""));
          if (!invalid) continue;
          valid = false;
          report_.invalid_outputs.push_back(*std::move(invalid));
        }
      }
    }
    log_.Write(valid ? Severity::kFinish : Severity::kError,
               valid ? "PASSED | Output Validation" : "FAILED | Output Validation");
  }
  return OkStatus();
}

Status RunSession::Conclude() {
  if (!report_.stopped_early) ASSAY_RETURN_IF_ERROR(comparison_.Summarize());
  if (settings_.inference.sequential && settings_.comparison.validate) {
    ASSAY_RETURN_IF_ERROR(ValidateKept());
  }
  return OkStatus();
}

std::string RunSession::InterruptionText() const {
  std::string of;
  if (report_.requested_iterations > 0) of = fmt::format(" of {}", report_.requested_iterations);
  if (!settings_.inference.sequential || live_ == nullptr) {
    return fmt::format(
        "Interrupted: {} iteration(s) were finished{}{}, the rest was not. What was to be saved is "
        "saved for those.",
        iterations_, of, comparison_.pairs().empty() ? "" : " and compared");
  }
  std::string text = fmt::format("Interrupted: {} iteration(s){} were compared.", iterations_, of);
  for (const RunnerReport& runner : live_->Runners()) {
    text += fmt::format("\n{} finished {}{}.", runner.name, runner.seconds.size(), of);
  }
  return text + "\nWhat was to be saved is saved for what each runner finished.";
}

ExitCode RunSession::Report(const Status& status) {
  report_.interrupted = status.code() == StatusCode::kInterrupted;
  report_.iterations = iterations_;
  if (report_.interrupted) {
    log_.Write(Severity::kWarning, InterruptionText());
    const Status summarized = comparison_.Summarize();
    if (!summarized.ok()) log_.Write(Severity::kWarning, summarized.message());
  } else if (!status.ok()) {
    report_.error = status.message();
    log_.Write(Severity::kCritical, status.ToString());
  }

  for (const std::unique_ptr<RunStream>& stream : streams_) {
    for (RunnerReport& runner : stream->Runners()) report_.runners.push_back(std::move(runner));
  }
  for (size_t i = 0; i < identities_.size() && i < report_.runners.size(); ++i) {
    report_.runners[i].name = identities_[i].name;
  }
  if (live_ != nullptr) {
    report_.inputs.source = DescribeSource(settings_.data);
    if (settings_.data.random_inputs()) report_.inputs.seed = settings_.data.random.seed;
    report_.inputs.hashes = live_->input_hashes();
  }
  report_.pairs = std::move(comparison_.pairs());
  report_.peak_memory_bytes = PeakMemoryBytes();
  ConcludeRun(report_);
  ExitCode code = report_.verdict == Verdict::kPass ? ExitCode::kPass : ExitCode::kNotPass;
  if (!status.ok()) code = ExitCodeOf(status);

  const auto save = [&](const std::string& path, std::string_view what, const std::string& text) {
    if (path.empty()) return;
    log_.Write(Severity::kInfo, fmt::format("Saving {} to {}", what, path));
    const Status saved = WriteFileAtomically(path, text);
    if (saved.ok()) return;
    log_.Write(Severity::kCritical, saved.ToString());
    if (report_.error.empty()) report_.error = saved.message();
    if (code == ExitCode::kPass || code == ExitCode::kNotPass) code = ExitCode::kNotCarriedOut;
  };
  save(settings_.comparison.save_accuracy_results, "accuracy results",
       AccuracyResultsJson(report_, settings_.comparison.check_average));
  if (status.ok() || report_.interrupted) LogRunReport(report_, log_);
  report_.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  save(settings_.report, "the report", RunReportJson(report_));

  log_.Write(code == ExitCode::kPass ? Severity::kFinish : Severity::kError,
             fmt::format("{} | Runtime: {:.3f}s | Command: {}",
                         code == ExitCode::kPass ? "PASSED" : "FAILED", report_.seconds,
                         report_.command_line));
  return code;
}

}  // namespace assay
