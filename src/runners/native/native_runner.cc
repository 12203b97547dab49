#include "runners/native/native_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/quote.h"
#include "runners/native/reference_steps.h"
#include "runners/native/requested_profile.h"
#include "runners/output_values.h"
#include "runtime/execution_context.h"

namespace assay {
namespace {

constexpr std::string_view kProfileHint =
    "\nFor more shapes save it with --min-shapes, --opt-shapes and --max-shapes.";

class NativeRunner final : public Runner {
 public:
  explicit NativeRunner(const RunnerRequest& request)
      : request_(request), log_(request.log == nullptr ? NullLog() : *request.log), once_(log_) {}

  Result<RunnerInfo> Activate() override {
    ASSAY_RETURN_IF_ERROR(MakeEngine());
    context_.emplace(engine_, request_.monitor);
    inputs_ = Describe(engine_->graph().inputs);
    outputs_ = Describe(engine_->graph().outputs);
    for (size_t i = 0; i < engine_->profile().size(); ++i) {
      inputs_[i].preferred_shape = engine_->profile()[i].opt;
    }
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
    const std::vector<RuntimeValue> values(bound.begin(), bound.end());
    std::vector<StepTiming> timings;
    const auto start = std::chrono::steady_clock::now();
    ASSAY_ASSIGN_OR_RETURN(
        std::vector<RuntimeValue> results,
        context_->RunValues(values, request_.engine.profile_steps ? &timings : nullptr));
    RunOutput output;
    output.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (size_t i = 0; i < results.size(); ++i) {
      AppendOutput(output.outputs, outputs_[i].name, std::move(results[i]));
    }
    ASSAY_RETURN_IF_ERROR(SaveForInputs(bound));
    output.peak_tensor_bytes = context_->arena_bytes() + engine_->packed().total_bytes();
    for (const StepTiming& timing : timings) {
      output.steps.push_back({{timing.origins.begin(), timing.origins.end()},
                              std::string(timing.tactic),
                              timing.seconds});
    }
    NoteReferenceSteps();
    output.reference_steps = reference_steps_;
    return output;
  }

  void Deactivate() override {
    noted_plan_.reset();
    context_.reset();
    engine_.reset();
  }

 private:
  Status MakeEngine() {
    EngineOptions options;
    options.threads = request_.threads;
    options.disabled_passes = request_.engine.disabled_passes;
    if (request_.model->is_engine()) {
      ASSAY_ASSIGN_OR_RETURN(engine_, Engine::Load(request_.model->path(), options));
      return OkStatus();
    }
    ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Model> model, request_.model->Load(log_));
    const std::string path = request_.model->path().string();
    ASSAY_ASSIGN_OR_RETURN(options.profile, RequestedProfile(model->graph, request_.engine.profile,
                                                             request_.input_shapes));
    Result<std::shared_ptr<Engine>> engine = Engine::Build(std::move(model), options);
    if (!engine.ok()) return engine.status().WithContext(path);
    engine_ = *std::move(engine);
    for (const PassReport& pass : engine_->passes()) {
      log_.Write(Severity::kVerbose,
                 fmt::format("Pass {:32} {} change(s), {:.2f} ms, {}{}", pass.name, pass.changes,
                             pass.seconds * 1e3, PassEffectText(pass.effect),
                             pass.disabled ? " (disabled)" : ""));
    }
    return OkStatus();
  }

  // Saves the engine if that is asked for.
  Status SaveFor(ShapeProfile profile) {
    const std::string& path = request_.engine.save_path;
    if (path.empty()) return OkStatus();
    const ShapeProfile& shapes = profile.empty() ? engine_->profile() : profile;
    log_.Write(Severity::kInfo,
               fmt::format("Saving engine to: {}\nIt is for {}", path, ShapesText(shapes)));
    saved_shapes_ = shapes;
    return engine_->Save(path, std::move(profile));
  }

  // An engine that takes any shapes is saved for those of the first inputs.
  Status SaveForInputs(const std::vector<Tensor>& inputs) {
    if (request_.engine.save_path.empty()) return OkStatus();
    if (!saved_shapes_) {
      ShapeProfile profile;
      for (const Tensor& tensor : inputs) {
        profile.push_back({tensor.shape(), tensor.shape(), tensor.shape()});
      }
      ASSAY_RETURN_IF_ERROR(SaveFor(std::move(profile)));
      WarnOfShapesNobodyAskedFor();
      return OkStatus();
    }
    for (size_t i = 0; i < inputs.size() && i < saved_shapes_->size(); ++i) {
      if ((*saved_shapes_)[i].Contains(inputs[i].shape())) continue;
      once_.Write(Severity::kWarning,
                  fmt::format("The saved engine is not for all of these inputs: {} has shape {} "
                              "here.{}",
                              Quote(inputs_[i].name), inputs[i].shape().ToString(), kProfileHint));
    }
    return OkStatus();
  }

  void WarnOfShapesNobodyAskedFor() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const TensorInfo& input = inputs_[i];
      const bool is_open = !input.type.shape || !ToConcrete(*input.type.shape);
      if (!is_open || FindShape(request_.input_shapes, input.name) != nullptr) continue;
      log_.Write(Severity::kWarning,
                 fmt::format("The saved engine takes input {} in the shape {} only, which is that "
                             "of the first inputs; the model takes {}.{}",
                             Quote(input.name), (*saved_shapes_)[i].opt.ToString(),
                             input.type.ToString(), kProfileHint));
    }
  }

  std::string ShapesText(const ShapeProfile& profile) const {
    std::vector<std::string> texts;
    for (size_t i = 0; i < profile.size(); ++i) {
      texts.push_back(
          fmt::format("{}: {}", QuoteUnlessPlain(inputs_[i].name), profile[i].ToString()));
    }
    return texts.empty() ? "a model without inputs" : fmt::format("{}", fmt::join(texts, "; "));
  }

  // Again only for another plan, or where steps can differ from run to run.
  void NoteReferenceSteps() {
    const std::shared_ptr<const Plan> plan = context_->plan();
    if (plan != nullptr && plan == noted_plan_) return;
    noted_plan_ = plan;
    reference_steps_ =
        std::make_shared<const ReferenceSteps>(ReferenceStepsOf(context_->ExecutedSteps()));
  }

  RunnerInfo Describe() const {
    RunnerInfo info;
    info.library = "Assay engine";
    info.device = "CPU";
    info.passes = engine_->passes();
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
      infos.push_back({.name = value.name, .type = value.type});
    }
    return infos;
  }

  RunnerRequest request_;
  LogSink& log_;
  OnceLog once_;
  std::shared_ptr<Engine> engine_;
  std::optional<ExecutionContext> context_;
  std::optional<ShapeProfile> saved_shapes_;  // once the engine is saved
  std::shared_ptr<const Plan> noted_plan_;    // that reference_steps_ is about
  std::shared_ptr<const ReferenceSteps> reference_steps_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
};

}  // namespace

Result<std::unique_ptr<Runner>> CreateNativeRunner(const RunnerRequest& request) {
  return std::unique_ptr<Runner>(std::make_unique<NativeRunner>(request));
}

}  // namespace assay
