#include "runners/onnxruntime/onnxruntime_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "ops/infer_graph.h"
#include "runners/onnxruntime/execution_providers.h"
#include "runners/onnxruntime/onnxruntime_library.h"
#include "runners/onnxruntime/onnxruntime_tensor.h"
#include "runners/onnxruntime/terminate_on_cancel.h"
#include "runners/output_values.h"

namespace assay {
namespace {

Result<GraphOptimizationLevel> OptimizationLevelFrom(std::string_view name) {
  if (name.empty() || name == "all") return ORT_ENABLE_ALL;
  if (name == "disable") return ORT_DISABLE_ALL;
  if (name == "basic") return ORT_ENABLE_BASIC;
  if (name == "extended") return ORT_ENABLE_EXTENDED;
  return Status(StatusCode::kUsage,
                fmt::format("graph optimization level: expected disable, basic, extended or all, "
                            "got \"{}\"",
                            name));
}

class OnnxRuntimeRunner : public Runner {
 public:
  explicit OnnxRuntimeRunner(RunnerRequest request)
      : request_(std::move(request)), log_(request_.log != nullptr ? *request_.log : NullLog()) {}

  Result<RunnerInfo> Activate() override;
  const std::vector<TensorInfo>& Inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& Outputs() const override { return outputs_; }
  Result<RunOutput> Run(const TensorMap& inputs) override;
  void Deactivate() override { loaded_.reset(); }

 private:
  // Everything that lives from Activate to Deactivate, destroyed from the last to the first.
  struct Loaded {
    std::shared_ptr<OnnxRuntime> runtime;
    OrtOwned<OrtMemoryInfo> cpu_memory;
    OrtOwned<OrtSession> session;
  };
  // What the library's log lines of the session go through.
  struct SessionLog {
    LogSink* sink;
    NodePlacement* placement;  // null: not looked for
  };

  static void ORT_API_CALL WriteSessionLine(void* session_log, OrtLoggingLevel level, const char*,
                                            const char*, const char*, const char* message);
  Result<OrtOwned<OrtSessionOptions>> MakeOptions(const OnnxRuntime& runtime);
  // The refusal of a model, after what importing and inferring it finds wrong.
  Status Explain(const Status& refusal);
  Result<OrtOwned<OrtSession>> MakeSession(const OnnxRuntime& runtime, OrtSessionOptions* options);
  Result<std::vector<TensorInfo>> ReadTensorInfos(
      decltype(OrtApi::SessionGetInputCount) get_count,
      decltype(OrtApi::SessionGetInputName) get_name,
      decltype(OrtApi::SessionGetInputTypeInfo) get_type) const;
  RunnerInfo Describe(const NodePlacement& placement) const;
  Status CheckInputs(const TensorMap& inputs) const;

  RunnerRequest request_;
  LogSink& log_;
  std::vector<std::string> providers_;
  SessionLog session_log_{};
  std::optional<Loaded> loaded_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
};

void ORT_API_CALL OnnxRuntimeRunner::WriteSessionLine(void* session_log, OrtLoggingLevel level,
                                                      const char*, const char*, const char*,
                                                      const char* message) {
  const auto* log = static_cast<const SessionLog*>(session_log);
  if (log->placement != nullptr) log->placement->ReadLine(message);
  ForwardOrtLine(*log->sink, level, message);
}

Result<RunnerInfo> OnnxRuntimeRunner::Activate() {
  loaded_.reset();
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<OnnxRuntime> runtime,
                         OnnxRuntime::Load(request_.onnxruntime_library, log_));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<std::string> available, runtime->AvailableProviders());
  ASSAY_ASSIGN_OR_RETURN(providers_, MatchProviders(request_.providers, available));
  if (log_.IsEnabled(Severity::kStart)) {
    log_.Write(Severity::kStart,
               fmt::format("Creating ONNX-Runtime Inference Session with providers: ['{}']",
                           fmt::join(providers_, "', '")));
  }

  NodePlacement placement;
  const bool only_cpu = providers_.size() == 1 && providers_[0] == kCpuProvider;
  session_log_ = {&log_, only_cpu ? nullptr : &placement};
  ASSAY_ASSIGN_OR_RETURN(OrtOwned<OrtSessionOptions> options, MakeOptions(*runtime));
  ASSAY_ASSIGN_OR_RETURN(OrtOwned<OrtSession> session, MakeSession(*runtime, options.get()));
  session_log_.placement = nullptr;

  if (!only_cpu) {
    std::vector<std::string> warnings;
    ASSAY_RETURN_IF_ERROR(VerifyPlacement(providers_, placement, &warnings));
    for (const std::string& warning : warnings) log_.Write(Severity::kWarning, warning);
  }

  OrtMemoryInfo* memory = nullptr;
  ASSAY_RETURN_IF_ERROR(runtime->Check(
      runtime->api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory),
      "cannot describe host memory", StatusCode::kUnavailable));
  OrtOwned<OrtMemoryInfo> cpu_memory(memory, runtime->api().ReleaseMemoryInfo);
  loaded_.emplace(Loaded{runtime, std::move(cpu_memory), std::move(session)});

  const OrtApi& api = runtime->api();
  ASSAY_ASSIGN_OR_RETURN(inputs_, ReadTensorInfos(api.SessionGetInputCount, api.SessionGetInputName,
                                                  api.SessionGetInputTypeInfo));
  ASSAY_ASSIGN_OR_RETURN(outputs_,
                         ReadTensorInfos(api.SessionGetOutputCount, api.SessionGetOutputName,
                                         api.SessionGetOutputTypeInfo));
  return Describe(placement);
}

Result<OrtOwned<OrtSessionOptions>> OnnxRuntimeRunner::MakeOptions(const OnnxRuntime& runtime) {
  const OrtApi& api = runtime.api();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, "cannot set a session option", StatusCode::kUnsupported);
  };
  OrtSessionOptions* raw = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.CreateSessionOptions(&raw)));
  OrtOwned<OrtSessionOptions> options(raw, api.ReleaseSessionOptions);

  ASSAY_ASSIGN_OR_RETURN(const GraphOptimizationLevel level,
                         OptimizationLevelFrom(request_.graph_optimization_level));
  ASSAY_RETURN_IF_ERROR(check(api.SetSessionGraphOptimizationLevel(raw, level)));
  const int threads = UsableCpuCount();
  ASSAY_RETURN_IF_ERROR(check(api.SetIntraOpNumThreads(raw, threads)));
  ASSAY_RETURN_IF_ERROR(check(api.SetInterOpNumThreads(raw, threads)));
  // Else the threads of one session spin on while the next runner's are measured.
  ASSAY_RETURN_IF_ERROR(check(api.AddSessionConfigEntry(raw, "session.force_spinning_stop", "1")));

  ASSAY_RETURN_IF_ERROR(check(api.SetUserLoggingFunction(raw, WriteSessionLine, &session_log_)));
  // The placement of the nodes is told at the verbose level only.
  const OrtLoggingLevel severity =
      session_log_.placement != nullptr ? ORT_LOGGING_LEVEL_VERBOSE : OrtLevelFor(log_);
  ASSAY_RETURN_IF_ERROR(check(api.SetSessionLogSeverityLevel(raw, severity)));

  // The library appends the CPU last by itself; naming it matters only before another provider.
  for (const std::string& provider : providers_) {
    if (provider == kCpuProvider && provider == providers_.back()) continue;
    ASSAY_RETURN_IF_ERROR(AppendProvider(runtime, raw, provider, request_.tf32));
  }
  return options;
}

Status OnnxRuntimeRunner::Explain(const Status& refusal) {
  if (refusal.ok()) return refusal;
  Status found;
  if (const auto model = request_.model->Load(NullLog()); model.ok()) {
    Graph graph = (*model)->graph;
    found = InferGraph(graph);
  } else {
    found = model.status();
  }
  // What Assay alone does not support says nothing about the model.
  if (found.code() != StatusCode::kInvalidInput && found.code() != StatusCode::kNotFound) {
    return refusal;
  }
  return Status(found.code(), found.message() + "\n" + refusal.message(), found.hint());
}

Result<OrtOwned<OrtSession>> OnnxRuntimeRunner::MakeSession(const OnnxRuntime& runtime,
                                                            OrtSessionOptions* options) {
  const OrtApi& api = runtime.api();
  const std::filesystem::path& path = request_.model->path();
  const std::string what = fmt::format("cannot load the model \"{}\"", path.string());
  OrtSession* session = nullptr;
  if (!request_.model->edited()) {
    ASSAY_RETURN_IF_ERROR(
        Explain(runtime.Check(api.CreateSession(runtime.env(), path.c_str(), options, &session),
                              what, StatusCode::kUnsupported)));
    return OrtOwned<OrtSession>(session, api.ReleaseSession);
  }

  ASSAY_ASSIGN_OR_RETURN(const std::string bytes, request_.model->Serialize(log_));
  ASSAY_RETURN_IF_ERROR(Explain(runtime.Check(
      api.CreateSessionFromArray(runtime.env(), bytes.data(), bytes.size(), options, &session),
      what, StatusCode::kUnsupported)));
  return OrtOwned<OrtSession>(session, api.ReleaseSession);
}

Result<std::vector<TensorInfo>> OnnxRuntimeRunner::ReadTensorInfos(
    decltype(OrtApi::SessionGetInputCount) get_count,
    decltype(OrtApi::SessionGetInputName) get_name,
    decltype(OrtApi::SessionGetInputTypeInfo) get_type) const {
  const OnnxRuntime& runtime = *loaded_->runtime;
  const OrtApi& api = runtime.api();
  const OrtSession* session = loaded_->session.get();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, "cannot describe the model", StatusCode::kUnsupported);
  };
  OrtAllocator* allocator = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.GetAllocatorWithDefaultOptions(&allocator)));
  size_t count = 0;
  ASSAY_RETURN_IF_ERROR(check(get_count(session, &count)));
  std::vector<TensorInfo> infos(count);
  for (size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    ASSAY_RETURN_IF_ERROR(check(get_name(session, i, allocator, &name)));
    infos[i].name = name;
    ASSAY_RETURN_IF_ERROR(check(api.AllocatorFree(allocator, name)));
    OrtTypeInfo* type = nullptr;
    ASSAY_RETURN_IF_ERROR(check(get_type(session, i, &type)));
    const OrtOwned<OrtTypeInfo> owned(type, api.ReleaseTypeInfo);
    Result<ValueType> value_type = ValueTypeOf(runtime, type);
    if (!value_type.ok()) {
      return value_type.status().WithContext(fmt::format("tensor \"{}\"", infos[i].name));
    }
    infos[i].type = *std::move(value_type);
  }
  return infos;
}

RunnerInfo OnnxRuntimeRunner::Describe(const NodePlacement& placement) const {
  RunnerInfo info;
  info.library = fmt::format("ONNX Runtime {}", loaded_->runtime->version());
  const bool cuda =
      std::find(providers_.begin(), providers_.end(), kCudaProvider) != providers_.end();
  const bool tensorrt =
      std::find(providers_.begin(), providers_.end(), kTensorRtProvider) != providers_.end();
  info.device = "CPU";
  if (placement.NodesOf(kCudaProvider) + placement.NodesOf(kTensorRtProvider) > 0) {
    info.device = "CUDA device 0";
  } else if (placement.nodes().size() == 1 && placement.NodesOf(kCpuProvider) == 0) {
    info.device = placement.nodes()[0].first;
  }
  info.details.emplace_back("providers", fmt::format("{}", fmt::join(providers_, ", ")));
  if (placement.told()) info.details.emplace_back("placement", placement.ToString());
  if (cuda) info.details.emplace_back("TF32", request_.tf32 ? "on" : "off");
  if (tensorrt) info.details.emplace_back("TF32 in TensorRT", "as the library decides");
  info.details.emplace_back("graph optimization", request_.graph_optimization_level.empty()
                                                      ? "all"
                                                      : request_.graph_optimization_level);
  info.details.emplace_back("threads", fmt::format("{}", UsableCpuCount()));
  info.details.emplace_back("library", loaded_->runtime->library().path().string());
  return info;
}

Status OnnxRuntimeRunner::CheckInputs(const TensorMap& inputs) const {
  std::vector<std::string> names;
  for (const TensorInfo& input : inputs_) names.push_back(input.name);
  for (const NamedTensor& item : inputs) {
    if (std::find(names.begin(), names.end(), item.name) == names.end()) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("the model has no input \"{}\": its inputs are {}", item.name,
                                fmt::join(names, ", ")));
    }
  }
  for (const TensorInfo& input : inputs_) {
    const Tensor* tensor = inputs.Find(input.name);
    if (tensor == nullptr) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("no tensor for the model's input \"{}\" ({})", input.name,
                                input.type.ToString()));
    }
    bool fits = input.type.kind == ValueType::Kind::kTensor && tensor->dtype() == input.type.dtype;
    if (fits && input.type.shape.has_value() && !input.type.shape->empty()) {
      const SymbolicShape& shape = *input.type.shape;
      fits = static_cast<int>(shape.size()) == tensor->shape().rank();
      for (int i = 0; fits && i < tensor->shape().rank(); ++i) {
        const Dim& dim = shape[static_cast<size_t>(i)];
        fits = !dim.IsKnown() || dim.value() == tensor->shape()[i];
      }
    }
    if (!fits) {
      return Status(
          StatusCode::kInvalidInput,
          fmt::format("input \"{}\": expected {}, got {}{}", input.name, input.type.ToString(),
                      DTypeName(tensor->dtype()), tensor->shape().ToString()));
    }
  }
  return OkStatus();
}

Result<RunOutput> OnnxRuntimeRunner::Run(const TensorMap& inputs) {
  if (!loaded_) return Status(StatusCode::kInternal, "the runner has not been activated");
  ASSAY_RETURN_IF_ERROR(request_.monitor.Check());
  ASSAY_RETURN_IF_ERROR(CheckInputs(inputs));
  const OnnxRuntime& runtime = *loaded_->runtime;
  const OrtApi& api = runtime.api();

  std::vector<OrtOwned<OrtValue>> owned;
  std::vector<const OrtValue*> values;
  std::vector<const char*> input_names;
  for (const TensorInfo& input : inputs_) {
    Result<OrtOwned<OrtValue>> value =
        ToOrtValue(runtime, loaded_->cpu_memory.get(), *inputs.Find(input.name));
    if (!value.ok()) return value.status().WithContext(fmt::format("input \"{}\"", input.name));
    owned.push_back(*std::move(value));
    values.push_back(owned.back().get());
    input_names.push_back(input.name.c_str());
  }
  std::vector<const char*> output_names;
  for (const TensorInfo& output : outputs_) output_names.push_back(output.name.c_str());
  std::vector<OrtValue*> results(outputs_.size(), nullptr);

  ASSAY_ASSIGN_OR_RETURN(const std::unique_ptr<TerminateOnCancel> terminate,
                         TerminateOnCancel::Create(runtime, request_.monitor));
  const auto start = std::chrono::steady_clock::now();
  OrtStatus* status =
      api.Run(loaded_->session.get(), terminate->run_options(), input_names.data(), values.data(),
              values.size(), output_names.data(), output_names.size(), results.data());
  const auto end = std::chrono::steady_clock::now();
  std::vector<OrtOwned<OrtValue>> owned_results;
  for (OrtValue* result : results) owned_results.emplace_back(result, api.ReleaseValue);
  const Status ran = runtime.Check(status, "cannot run the model", StatusCode::kInvalidInput);
  if (!ran.ok()) {
    ASSAY_RETURN_IF_ERROR(request_.monitor.Check());
    return ran;
  }

  RunOutput output;
  output.seconds = std::chrono::duration<double>(end - start).count();
  for (size_t i = 0; i < results.size(); ++i) {
    Result<RuntimeValue> value = FromOrtValue(runtime, owned_results[i].get());
    if (!value.ok()) {
      return value.status().WithContext(fmt::format("output \"{}\"", outputs_[i].name));
    }
    AppendOutput(output.outputs, outputs_[i].name, *std::move(value));
    owned_results[i].reset();
  }
  return output;
}

}  // namespace

Result<std::unique_ptr<Runner>> CreateOnnxRuntimeRunner(const RunnerRequest& request) {
  ASSAY_RETURN_IF_ERROR(OptimizationLevelFrom(request.graph_optimization_level).status());
  if (request.model == nullptr) {
    return Status(StatusCode::kUsage, "ONNX Runtime needs a model to run");
  }
  if (request.providers.empty()) {
    return Status(StatusCode::kUsage, "ONNX Runtime needs at least one execution provider",
                  "leave --providers out to run on the CPU");
  }
  return std::unique_ptr<Runner>(std::make_unique<OnnxRuntimeRunner>(request));
}

}  // namespace assay
