#include "runners/reference/reference_runner.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "ir/inline_functions.h"
#include "ops/infer_graph.h"
#include "reference/interpreter.h"
#include "runners/output_values.h"

namespace assay {
namespace {

class ReferenceRunner final : public Runner {
 public:
  explicit ReferenceRunner(const RunnerRequest& request) : request_(request) {}

  Result<RunnerInfo> Activate() override {
    LogSink& log = request_.log == nullptr ? NullLog() : *request_.log;
    ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Model> model, request_.model->Load(log));
    model_ = model;
    ASSAY_ASSIGN_OR_RETURN(graph_, InlineFunctions(*model));
    std::vector<std::string> notes;
    // Shapes given on the command line bind the data that is generated, not what the model accepts,
    // so inference starts from the declared ones.
    ASSAY_RETURN_IF_ERROR(
        InferGraph(graph_, {}, &notes).WithContext(request_.model->path().string()));
    for (const std::string& note : notes) log.Write(Severity::kVerbose, note);
    if (request_.threads == nullptr) request_.threads = std::make_shared<ThreadPool>();
    inputs_ = Describe(graph_.inputs);
    outputs_ = Describe(graph_.outputs);
    ReferenceOptions options;
    options.truth = request_.typed_reference ? TruthKind::kTyped : TruthKind::kExact;
    options.monitor = request_.monitor;
    interpreter_.emplace(graph_, *request_.threads, std::move(options));

    RunnerInfo info;
    info.library = "Assay reference";
    info.device = "CPU";
    info.details = {{"truth", request_.typed_reference
                                  ? "typed (float64, every tensor rounded to its declared type)"
                                  : "exact (float64 throughout)"},
                    {"threads", std::to_string(request_.threads->threads())}};
    return info;
  }

  const std::vector<TensorInfo>& Inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& Outputs() const override { return outputs_; }

  Result<RunOutput> Run(const TensorMap& inputs) override {
    for (const NamedTensor& item : inputs) {
      bool known = false;
      for (const TensorInfo& info : inputs_) known = known || info.name == item.name;
      if (!known) {
        return Status(StatusCode::kInvalidInput,
                      fmt::format("the model has no input \"{}\"", item.name));
      }
    }
    const auto start = std::chrono::steady_clock::now();
    RunOutput output;
    ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> results, interpreter_->RunValues(inputs));
    output.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (size_t i = 0; i < results.size(); ++i) {
      AppendOutput(output.outputs, outputs_[i].name, std::move(results[i]));
    }
    output.peak_tensor_bytes = interpreter_->statistics().peak_bytes;
    return output;
  }

  void Deactivate() override {
    interpreter_.reset();
    graph_ = {};
    model_.reset();
  }

 private:
  std::vector<TensorInfo> Describe(const std::vector<ValueId>& ids) const {
    std::vector<TensorInfo> infos;
    for (ValueId id : ids) infos.push_back({graph_.value(id).name, graph_.value(id).type});
    return infos;
  }

  RunnerRequest request_;
  std::shared_ptr<const Model> model_;
  Graph graph_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::optional<Interpreter> interpreter_;
};

}  // namespace

Result<std::unique_ptr<Runner>> CreateReferenceRunner(const RunnerRequest& request) {
  return std::unique_ptr<Runner>(std::make_unique<ReferenceRunner>(request));
}

}  // namespace assay
