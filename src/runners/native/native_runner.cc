#include "runners/native/native_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "runtime/execution_context.h"

namespace assay {
namespace {

class NativeRunner final : public Runner {
 public:
  explicit NativeRunner(const RunnerRequest& request) : request_(request) {}

  Result<RunnerInfo> Activate() override {
    ASSAY_RETURN_IF_ERROR(MakeEngine());
    context_.emplace(engine_);
    inputs_ = Describe(engine_->graph().inputs);
    outputs_ = Describe(engine_->graph().outputs);
    if (!engine_->profile().empty()) ASSAY_RETURN_IF_ERROR(SaveFor({}));
    return Describe();
  }

  const std::vector<TensorInfo>& Inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& Outputs() const override { return outputs_; }

  Result<RunOutput> Run(const TensorMap& inputs) override {
    std::vector<Tensor> bound;
    for (const TensorInfo& info : inputs_) {
      const Tensor* tensor = inputs.Find(info.name);
      if (tensor == nullptr) {
        return Status(StatusCode::kInvalidInput,
                      fmt::format("no input \"{}\" was given", info.name));
      }
      bound.push_back(*tensor);
    }
    if (inputs.size() != inputs_.size()) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("inputs: expected {}, got {}", inputs_.size(), inputs.size()));
    }
    std::vector<Tensor> results(outputs_.size());
    std::vector<StepTiming> timings;
    const auto start = std::chrono::steady_clock::now();
    ASSAY_RETURN_IF_ERROR(
        context_->Run(bound, results, request_.engine.profile_steps ? &timings : nullptr));
    RunOutput output;
    output.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (size_t i = 0; i < results.size(); ++i) {
      output.outputs.Add(outputs_[i].name, std::move(results[i]));
    }
    if (!saved_) {
      ShapeProfile profile;
      for (const Tensor& tensor : bound) {
        profile.push_back({tensor.shape(), tensor.shape(), tensor.shape()});
      }
      ASSAY_RETURN_IF_ERROR(SaveFor(std::move(profile)));
    }
    const Plan& plan = *context_->plan();
    output.peak_tensor_bytes = plan.arena_bytes + engine_->packed().total_bytes();
    for (const StepTiming& timing : timings) {
      const Step& step = plan.steps[static_cast<size_t>(timing.step)];
      output.steps.push_back({step.origins, std::string(step.tactic->name), timing.seconds});
    }
    return output;
  }

  void Deactivate() override {
    context_.reset();
    engine_.reset();
  }

 private:
  Status MakeEngine() {
    EngineOptions options;
    options.threads = request_.threads;
    options.disabled_passes = request_.engine.disabled_passes;
    LogSink& log = request_.log == nullptr ? NullLog() : *request_.log;
    if (request_.model->is_engine()) {
      ASSAY_ASSIGN_OR_RETURN(engine_, Engine::Load(request_.model->path(), options));
      return OkStatus();
    }
    ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Model> model, request_.model->Load(log));
    const std::string path = request_.model->path().string();
    ASSAY_ASSIGN_OR_RETURN(options.profile, ProfileFor(model->graph));
    Result<std::shared_ptr<Engine>> engine = Engine::Build(std::move(model), options);
    if (!engine.ok()) return engine.status().WithContext(path);
    engine_ = *std::move(engine);
    for (const PassReport& pass : engine_->passes()) {
      log.Write(Severity::kVerbose,
                fmt::format("Pass {:32} {} change(s), {:.2f} ms{}", pass.name, pass.changes,
                            pass.seconds * 1e3, pass.disabled ? " (disabled)" : ""));
    }
    return OkStatus();
  }

  // Saves the engine if that is asked for. One that takes any shapes is saved for those of the
  // first inputs.
  Status SaveFor(ShapeProfile profile) {
    saved_ = true;
    const std::string& path = request_.engine.save_path;
    if (path.empty()) return OkStatus();
    LogSink& log = request_.log == nullptr ? NullLog() : *request_.log;
    log.Write(Severity::kInfo, "Saving engine to: " + path);
    return engine_->Save(path, std::move(profile));
  }

  // The shapes asked for on the command line; inputs that are not named have the shapes that the
  // model and --input-shapes give them, with 1 for what is unknown.
  Result<ShapeProfile> ProfileFor(const Graph& graph) const {
    const EngineRequest& engine = request_.engine;
    const bool asked =
        !engine.min_shapes.empty() || !engine.opt_shapes.empty() || !engine.max_shapes.empty();
    if (!asked) return ShapeProfile();
    ShapeProfile profile;
    for (ValueId id : graph.inputs) {
      const Value& value = graph.value(id);
      const Shape given = DefaultShape(value);
      ShapeRange range;
      range.min = FindShape(engine.min_shapes, value.name).value_or(given);
      range.max = FindShape(engine.max_shapes, value.name).value_or(given);
      range.opt = FindShape(engine.opt_shapes, value.name).value_or(range.max);
      profile.push_back(std::move(range));
    }
    for (const NamedShapes* shapes : {&engine.min_shapes, &engine.opt_shapes, &engine.max_shapes}) {
      for (const auto& [name, shape] : *shapes) {
        const ValueId id = graph.FindValue(name);
        if (std::ranges::find(graph.inputs, id) != graph.inputs.end()) continue;
        return Status(StatusCode::kUsage,
                      fmt::format("profile: the model has no input \"{}\"", name));
      }
    }
    return profile;
  }

  static std::optional<Shape> FindShape(const NamedShapes& shapes, std::string_view name) {
    for (const auto& [of, shape] : shapes) {
      if (of == name) return shape;
    }
    return std::nullopt;
  }

  Shape DefaultShape(const Value& value) const {
    if (std::optional<Shape> shape = FindShape(request_.input_shapes, value.name)) return *shape;
    std::vector<int64_t> extents;
    if (value.type.shape) {
      for (const Dim& dim : *value.type.shape) extents.push_back(dim.IsKnown() ? dim.value() : 1);
    }
    return Shape(std::move(extents));
  }

  RunnerInfo Describe() const {
    RunnerInfo info;
    info.library = "Assay engine";
    info.device = "CPU";
    info.details = {{"instruction sets", engine_->cpu().empty() ? "any" : engine_->cpu()},
                    {"threads", std::to_string(engine_->threads().threads())}};
    if (request_.model->is_engine()) {
      info.details.emplace_back("loaded from", request_.model->path().filename().string());
    }
    return info;
  }

  std::vector<TensorInfo> Describe(const std::vector<ValueId>& ids) const {
    std::vector<TensorInfo> infos;
    for (ValueId id : ids) {
      const Value& value = engine_->graph().value(id);
      infos.push_back({value.name, value.type});
    }
    return infos;
  }

  RunnerRequest request_;
  std::shared_ptr<Engine> engine_;
  std::optional<ExecutionContext> context_;
  bool saved_ = false;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
};

}  // namespace

Result<std::unique_ptr<Runner>> CreateNativeRunner(const RunnerRequest& request) {
  return std::unique_ptr<Runner>(std::make_unique<NativeRunner>(request));
}

}  // namespace assay
