#include "cli/run/live_runs.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

#include "base/process.h"
#include "base/quote.h"
#include "cli/run/input_coercion.h"
#include "cli/run/run_comparison.h"
#include "report/array_text.h"
#include "report/python_text.h"
#include "tensor/hash.h"

namespace assay {
namespace {

std::string ListOf(const TensorMap& tensors) {
  std::vector<TensorLine> lines;
  for (const NamedTensor& item : tensors) {
    lines.push_back({item.name, item.tensor.dtype(), ToSymbolic(item.tensor.shape())});
  }
  return TensorList(lines);
}

std::string ListOf(const std::vector<TensorInfo>& infos) {
  std::vector<TensorLine> lines;
  for (const TensorInfo& info : infos) {
    lines.push_back({info.name, info.type.dtype, info.type.shape});
  }
  return TensorList(lines);
}

// {'y': array([...])}.
std::string DictOf(const TensorMap& tensors) {
  std::string text = "{";
  for (const NamedTensor& item : tensors) {
    if (text.size() > 1) text += ", ";
    text += PythonString(item.name) + ": " + ArrayRepr(item.tensor);
  }
  return text + "}";
}

// All runners active, one input at a time.
class StreamingRuns final : public LiveRuns {
 public:
  using LiveRuns::LiveRuns;
  ~StreamingRuns() override {
    for (LiveRunner& live : runners_) live.runner->Deactivate();
  }

  Result<std::optional<RunGroup>> Next() override {
    if (!savers_) {
      for (LiveRunner& live : runners_) ASSAY_RETURN_IF_ERROR(Activate(live));
      inputs_.SetWanted(runners_[0].runner->Inputs());
      ASSAY_ASSIGN_OR_RETURN(savers_, RunSavers::Create(settings_.inference, log_));
    }
    ASSAY_RETURN_IF_ERROR(monitor_.Check());
    ASSAY_ASSIGN_OR_RETURN(std::optional<TensorMap> inputs, inputs_.Next());
    if (!inputs) {
      ASSAY_RETURN_IF_ERROR(Finish());
      return std::optional<RunGroup>();
    }
    once_.Write(Severity::kInfo,
                fmt::format("Streaming iteration {}\n---- Inference Input(s) ----\n{}",
                            input_hashes_.size(), ListOf(*inputs)));
    const bool keeps_outputs = !settings_.inference.save_outputs.empty() &&
                               !IsFolderPath(settings_.inference.save_outputs);
    if (input_hashes_.size() == 1 && keeps_outputs) {
      log_.Write(Severity::kWarning,
                 "Saving streamed results to a single file accumulates every iteration in memory; "
                 "pass a directory to --save-inputs/--save-outputs (read back with "
                 "--load-inputs/--load-outputs) to keep memory constant.");
    }
    ASSAY_RETURN_IF_ERROR(savers_->AppendInputs(*inputs));
    RunGroup group;
    for (LiveRunner& live : runners_) {
      ASSAY_ASSIGN_OR_RETURN(RecordedIteration iteration, Infer(live, *inputs, true));
      LogOutputs(live, iteration);
      group.push_back(std::move(iteration));
    }
    input_hashes_.push_back(HashTensors(*inputs).ToString());
    ASSAY_RETURN_IF_ERROR(savers_->AppendOutputs(group));
    return std::optional<RunGroup>(std::move(group));
  }

  Status Finish() override {
    if (finished_ || !savers_) return OkStatus();
    finished_ = true;
    return savers_->Finish();
  }

 private:
  bool finished_ = false;
};

// Every runner to its end before the next one starts; the outputs are kept until then.
class SequentialRuns final : public LiveRuns {
 public:
  using LiveRuns::LiveRuns;

  Result<std::optional<RunGroup>> Next() override {
    if (!ran_) {
      ran_ = true;
      const Status status = RunAll();
      ASSAY_RETURN_IF_ERROR(Save());
      ASSAY_RETURN_IF_ERROR(status);
    }
    if (next_ >= CompleteIterations()) return std::optional<RunGroup>();
    RunGroup group;
    for (std::vector<RecordedIteration>& run : outputs_) group.push_back(std::move(run[next_]));
    ++next_;
    return std::optional<RunGroup>(std::move(group));
  }

 private:
  size_t CompleteIterations() const {
    size_t count = outputs_.empty() ? 0 : outputs_[0].size();
    for (const auto& run : outputs_) count = std::min(count, run.size());
    return outputs_.size() == runners_.size() ? count : 0;
  }

  Status RunAll() {
    for (LiveRunner& live : runners_) {
      outputs_.emplace_back();
      const Status status = RunOne(live);
      live.runner->Deactivate();
      ASSAY_RETURN_IF_ERROR(status);
    }
    std::vector<std::string> names;
    for (const LiveRunner& live : runners_) names.push_back(live.report.name);
    log_.Write(Severity::kVerbose, "Successfully ran: " + PythonStringList(names));
    return OkStatus();
  }

  Status LoadAllInputs(const LiveRunner& live) {
    if (loaded_) return OkStatus();
    loaded_ = true;
    log_.Write(Severity::kVerbose, "Loading inputs from data loader");
    inputs_.SetWanted(live.runner->Inputs());
    while (true) {
      ASSAY_ASSIGN_OR_RETURN(std::optional<TensorMap> inputs, inputs_.Next());
      if (!inputs) return OkStatus();
      input_hashes_.push_back(HashTensors(*inputs).ToString());
      all_inputs_.push_back(*std::move(inputs));
    }
  }

  Status RunOne(LiveRunner& live) {
    ASSAY_RETURN_IF_ERROR(Activate(live));
    ASSAY_RETURN_IF_ERROR(LoadAllInputs(live));
    const std::string& name = live.report.name;
    if (const int64_t warm_up = settings_.inference.warm_up; warm_up > 0 && !all_inputs_.empty()) {
      log_.Write(Severity::kStart, fmt::format("{:35} | Running {} warm-up run(s)", name, warm_up));
      for (int64_t i = 0; i < warm_up; ++i) {
        ASSAY_ASSIGN_OR_RETURN(const RecordedIteration ignored, Infer(live, all_inputs_[0], false));
      }
      log_.Write(Severity::kFinish,
                 fmt::format("{:35} | Finished {} warm-up run(s)", name, warm_up));
    }
    double seconds = 0;
    for (const TensorMap& inputs : all_inputs_) {
      ASSAY_RETURN_IF_ERROR(monitor_.Check());
      once_.Write(Severity::kInfo,
                  fmt::format("{:35}\n---- Inference Input(s) ----\n{}", name, ListOf(inputs)));
      if (log_.IsEnabled(Severity::kExtraVerbose)) {
        log_.Write(Severity::kExtraVerbose,
                   fmt::format("{:35} | Feeding inputs:\n{}", name, IndentBlock(DictOf(inputs))));
      }
      ASSAY_ASSIGN_OR_RETURN(RecordedIteration iteration, Infer(live, inputs, true));
      LogOutputs(live, iteration);
      seconds += iteration.runtime_seconds.value_or(0);
      outputs_.back().push_back(std::move(iteration));
    }
    const auto count = static_cast<double>(std::max<size_t>(1, all_inputs_.size()));
    log_.Write(Severity::kFinish,
               fmt::format("{:35} | Completed {} iteration(s) in {} ms | Average inference time: "
                           "{} ms.",
                           name, all_inputs_.size(), GeneralNumber(seconds * 1e3, 4),
                           GeneralNumber(seconds * 1e3 / count, 4)));
    return OkStatus();
  }

  // What is finished is saved, even if a later runner failed: first all inputs, then all outputs.
  Status Save() {
    InferenceSettings inputs_only = settings_.inference;
    inputs_only.save_outputs.clear();
    ASSAY_ASSIGN_OR_RETURN(savers_, RunSavers::Create(inputs_only, log_));
    for (const TensorMap& inputs : all_inputs_) {
      ASSAY_RETURN_IF_ERROR(savers_->AppendInputs(inputs));
    }
    ASSAY_RETURN_IF_ERROR(savers_->Finish());

    InferenceSettings outputs_only;
    outputs_only.save_outputs = settings_.inference.save_outputs;
    ASSAY_ASSIGN_OR_RETURN(savers_, RunSavers::Create(outputs_only, log_));
    size_t iterations = 0;
    for (const auto& run : outputs_) iterations = std::max(iterations, run.size());
    for (size_t i = 0; i < iterations; ++i) {
      // The runs that are shorter are the last ones.
      RunGroup group;
      for (const auto& run : outputs_) {
        if (i < run.size()) group.push_back(run[i]);
      }
      ASSAY_RETURN_IF_ERROR(savers_->AppendOutputs(group));
    }
    return savers_->Finish();
  }

  bool ran_ = false;
  bool loaded_ = false;
  size_t next_ = 0;
  std::vector<TensorMap> all_inputs_;
  std::vector<std::vector<RecordedIteration>> outputs_;  // by runner, then iteration
};

}  // namespace

LiveRuns::LiveRuns(const RunSettings& settings, const Monitor& monitor, LogSink& log)
    : settings_(settings),
      monitor_(monitor),
      log_(log),
      once_(log),
      inputs_(settings.data, settings.model.input_shapes, settings.preferred_shapes, log) {}

Result<std::unique_ptr<LiveRuns>> LiveRuns::Create(const RunSettings& settings,
                                                   const Monitor& monitor, LogSink& log) {
  std::unique_ptr<LiveRuns> runs;
  if (settings.inference.sequential) {
    runs = std::make_unique<SequentialRuns>(settings, monitor, log);
  } else {
    runs = std::make_unique<StreamingRuns>(settings, monitor, log);
  }
  const std::string time = LocalTime("%x-%X");
  std::map<std::string_view, size_t> counts;
  for (const RunnerDef* def : settings.runners) {
    const size_t instance = counts[def->prefix]++;
    RunnerRequest request = settings.RequestFor(instance);
    request.log = &log;
    request.monitor = monitor;
    LiveRunner live;
    live.report.name = fmt::format("{}-N{}-{}", def->prefix, instance, time);
    live.report.is_truth = def->is_truth;
    ASSAY_ASSIGN_OR_RETURN(live.runner, def->create(request));
    runs->runners_.push_back(std::move(live));
  }
  return runs;
}

std::vector<RunnerReport> LiveRuns::Runners() const {
  std::vector<RunnerReport> reports;
  for (const LiveRunner& live : runners_) reports.push_back(live.report);
  return reports;
}

Status LiveRuns::Activate(LiveRunner& live) {
  log_.Write(Severity::kStart,
             fmt::format("{:35} | Activating and starting inference", live.report.name));
  live.memory_before = ResidentMemoryBytes();
  const auto start = std::chrono::steady_clock::now();
  ASSAY_ASSIGN_OR_RETURN(live.report.info, live.runner->Activate());
  live.report.activation_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return OkStatus();
}

Result<RecordedIteration> LiveRuns::Infer(LiveRunner& live, const TensorMap& inputs, bool timed) {
  ASSAY_ASSIGN_OR_RETURN(const TensorMap coerced,
                         CoerceInputs(inputs, live.runner->Inputs(), once_));
  if (log_.IsEnabled(Severity::kVerbose)) {
    once_.Write(Severity::kVerbose, fmt::format("{:35} | Input metadata is: {}", live.report.name,
                                                ListOf(live.runner->Inputs())));
  }
  Result<RunOutput> ran = live.runner->Run(coerced);
  if (!ran.ok()) return inputs_.HintAtShapes(ran.status());
  RunOutput& output = *ran;
  if (timed) live.report.seconds.push_back(output.seconds);
  if (timed) live.report.steps.Add(output.steps);
  if (output.reference_steps != nullptr) live.report.reference_steps = output.reference_steps;
  live.report.peak_tensor_bytes = std::max(live.report.peak_tensor_bytes, output.peak_tensor_bytes);
  if (!live.report.memory_bytes) {
    const size_t now = ResidentMemoryBytes();
    live.report.memory_bytes = now > live.memory_before ? now - live.memory_before : 0;
  }
  return RecordedIteration{DistinctOutputs(live, std::move(output.outputs)), output.seconds,
                           live.report.name};
}

TensorMap LiveRuns::DistinctOutputs(const LiveRunner& live, TensorMap outputs) {
  TensorMap distinct;
  for (NamedTensor& output : outputs) {
    if (distinct.Find(output.name) == nullptr) {
      distinct.Add(std::move(output.name), std::move(output.tensor));
      continue;
    }
    once_.Write(Severity::kVerbose,
                fmt::format("{:35} | Output {} is listed twice by the model, and counts once",
                            live.report.name, Quote(output.name)));
  }
  return distinct;
}

void LiveRuns::LogOutputs(const LiveRunner& live, const RecordedIteration& iteration) {
  const std::string& name = live.report.name;
  const bool is_short = settings_.comparison.fail_fast && iteration.outputs.size() > kManyOutputs &&
                        !log_.IsEnabled(Severity::kVerbose);
  const std::string list = is_short
                               ? fmt::format("{} tensors; -v lists them", iteration.outputs.size())
                               : ListOf(iteration.outputs);
  once_.Write(Severity::kInfo, fmt::format("{:35}\n---- Inference Output(s) ----\n{}", name, list));
  if (log_.IsEnabled(Severity::kExtraVerbose)) {
    log_.Write(Severity::kExtraVerbose,
               fmt::format("{:35} | Inference Time: {:.3f} ms | Received outputs:\n{}", name,
                           iteration.runtime_seconds.value_or(0) * 1e3,
                           IndentBlock(DictOf(iteration.outputs))));
  }
}

}  // namespace assay
