#include "runtime/engine.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <list>
#include <map>
#include <mutex>

#include "base/cpu_features.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "plan/planner.h"
#include "plan/specialize.h"

namespace assay {
namespace {

constexpr size_t kAlignment = 64;

// A block of aligned memory that is zero at first.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(size_t bytes)
      : data_(static_cast<std::byte*>(
                  std::aligned_alloc(kAlignment, (bytes + kAlignment) / kAlignment * kAlignment)),
              std::free),
        size_(bytes) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte, decltype(&std::free)> data_{nullptr, std::free};
  size_t size_ = 0;
};

}  // namespace

struct Engine::Impl {
  struct CachedPlan {
    std::vector<Shape> shapes;
    std::shared_ptr<const Plan> plan;
  };

  std::shared_ptr<const Model> model;  // owns the mapping that weights view
  Graph graph;
  EngineOptions options;
  Machine machine;
  std::unique_ptr<ThreadPool> threads;

  mutable std::mutex mutex;
  std::list<CachedPlan> plans;  // most recently used first
  std::map<std::string, AlignedBytes, std::less<>> packed;

  Status PackWeights(const Plan& plan) {
    for (const Step& step : plan.steps) {
      if (step.packed_key.empty() || packed.contains(step.packed_key)) continue;
      ASSAY_ASSIGN_OR_RETURN(const Instance instance, Instance::Of(*plan.graph, step.node));
      AlignedBytes bytes(step.preparation.packed_bytes);
      ASSAY_RETURN_IF_ERROR(step.tactic->pack(instance, step.preparation.state.get(),
                                              std::span(bytes.data(), bytes.size())));
      packed.emplace(step.packed_key, std::move(bytes));
    }
    return OkStatus();
  }
};

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;

const Graph& Engine::graph() const { return impl_->graph; }
ThreadPool& Engine::threads() const { return *impl_->threads; }

size_t Engine::packed_bytes() const {
  std::lock_guard lock(impl_->mutex);
  size_t total = 0;
  for (const auto& [key, bytes] : impl_->packed) total += bytes.size();
  return total;
}

Result<std::shared_ptr<Engine>> Engine::Build(std::shared_ptr<const Model> model,
                                              const EngineOptions& options) {
  std::shared_ptr<Engine> engine(new Engine());
  Impl& impl = *engine->impl_;
  impl.graph = model->graph;
  impl.model = std::move(model);
  impl.options = options;
  impl.threads = std::make_unique<ThreadPool>(options.threads);
  impl.machine = {GetCpuFeatures(), impl.threads->threads()};
  ASSAY_RETURN_IF_ERROR(InferGraph(impl.graph));
  PipelineOptions pipeline;
  pipeline.disabled = options.disabled_passes;
  PassContext context{*impl.threads, NullLog()};
  ASSAY_RETURN_IF_ERROR(RunPasses(impl.graph, pipeline, context).status());
  std::vector<Shape> shapes;
  for (ValueId id : impl.graph.inputs) {
    const ValueType& type = impl.graph.value(id).type;
    const std::optional<Shape> shape = type.shape ? ToConcrete(*type.shape) : std::nullopt;
    if (!shape) return engine;
    shapes.push_back(*shape);
  }
  ASSAY_RETURN_IF_ERROR(engine->PlanFor(shapes).status());
  return engine;
}

Result<std::shared_ptr<const Plan>> Engine::PlanFor(const std::vector<Shape>& input_shapes) {
  std::lock_guard lock(impl_->mutex);
  for (auto it = impl_->plans.begin(); it != impl_->plans.end(); ++it) {
    if (it->shapes != input_shapes) continue;
    impl_->plans.splice(impl_->plans.begin(), impl_->plans, it);
    return impl_->plans.front().plan;
  }
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Graph> graph,
                         SpecializeGraph(impl_->graph, input_shapes, *impl_->threads));
  PlanOptions options;
  options.machine = impl_->machine;
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, MakePlan(std::move(graph), options));
  ASSAY_RETURN_IF_ERROR(impl_->PackWeights(*plan));
  impl_->plans.push_front({input_shapes, plan});
  if (impl_->plans.size() > std::max<size_t>(impl_->options.cached_plans, 1))
    impl_->plans.pop_back();
  return plan;
}

struct ExecutionContext::Impl {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<const Plan> plan;
  std::vector<Shape> shapes;
  AlignedBytes arena;
  std::vector<const std::byte*> packed;  // per step
  // Operands of all steps, one after the other; addresses of bound tensors are filled in for each
  // run.
  std::vector<const void*> inputs;
  std::vector<void*> outputs;

  Status Prepare(std::span<const Tensor> bound) {
    bool same = plan != nullptr && shapes.size() == bound.size();
    for (size_t i = 0; same && i < bound.size(); ++i) same = shapes[i] == bound[i].shape();
    if (same) return OkStatus();
    shapes.clear();
    for (const Tensor& tensor : bound) shapes.push_back(tensor.shape());
    ASSAY_ASSIGN_OR_RETURN(plan, engine->PlanFor(shapes));
    if (arena.size() < plan->arena_bytes) arena = AlignedBytes(plan->arena_bytes);
    size_t most_inputs = 0;
    size_t most_outputs = 0;
    packed.clear();
    std::lock_guard lock(engine->impl_->mutex);
    for (const Step& step : plan->steps) {
      most_inputs = std::max(most_inputs, step.inputs.size());
      most_outputs = std::max(most_outputs, step.outputs.size());
      packed.push_back(step.packed_key.empty() ? nullptr
                                               : engine->impl_->packed.at(step.packed_key).data());
    }
    inputs.resize(most_inputs);
    outputs.resize(most_outputs);
    return OkStatus();
  }

  void* Address(const Location& at, std::span<const Tensor> bound_inputs,
                std::span<Tensor> bound_outputs) const {
    switch (at.kind) {
      case Location::Kind::kNone:
        return nullptr;
      case Location::Kind::kInput:
        return const_cast<void*>(bound_inputs[at.index].raw());
      case Location::Kind::kOutput:
        return bound_outputs[at.index].mutable_raw();
      case Location::Kind::kConstant:
        return const_cast<void*>(plan->graph->values[at.index].constant->raw());
      case Location::Kind::kArena:
        return arena.data() + at.offset;
    }
    return nullptr;
  }
};

ExecutionContext::ExecutionContext(std::shared_ptr<Engine> engine)
    : impl_(std::make_unique<Impl>()) {
  impl_->engine = std::move(engine);
}
ExecutionContext::~ExecutionContext() = default;

const Plan* ExecutionContext::plan() const { return impl_->plan.get(); }

namespace {

Status CheckBound(const Graph& graph, ValueId id, const Tensor& tensor, std::string_view what) {
  const Value& value = graph.value(id);
  if (tensor.dtype() != value.type.dtype) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("element type of {} \"{}\": expected {}, got {}", what, value.name,
                              DTypeName(value.type.dtype), DTypeName(tensor.dtype())));
  }
  if (value.type.shape && ToConcrete(*value.type.shape) &&
      *ToConcrete(*value.type.shape) != tensor.shape()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of {} \"{}\": expected {}, got {}", what, value.name,
                              ToString(*value.type.shape), tensor.shape().ToString()));
  }
  return OkStatus();
}

}  // namespace

Status ExecutionContext::Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
                             std::vector<StepTiming>* timings) {
  const Graph& model = impl_->engine->graph();
  if (inputs.size() != model.inputs.size() || outputs.size() != model.outputs.size()) {
    return Status(
        StatusCode::kInvalidInput,
        fmt::format("bound tensors: expected {} inputs and {} outputs, got {} and {}",
                    model.inputs.size(), model.outputs.size(), inputs.size(), outputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(CheckBound(model, model.inputs[i], inputs[i], "input"));
  }
  ASSAY_RETURN_IF_ERROR(impl_->Prepare(inputs));
  const Plan& plan = *impl_->plan;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ValueId id = plan.graph->outputs[i];
    if (outputs[i].valid()) {
      ASSAY_RETURN_IF_ERROR(CheckBound(*plan.graph, id, outputs[i], "output"));
      continue;
    }
    const ValueType& type = plan.graph->value(id).type;
    ASSAY_ASSIGN_OR_RETURN(outputs[i], Tensor::TryAllocate(type.dtype, *ToConcrete(*type.shape)));
  }
  for (size_t k = 0; k < plan.steps.size(); ++k) {
    const Step& step = plan.steps[k];
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      impl_->inputs[i] = impl_->Address(step.inputs[i], inputs, outputs);
    }
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      impl_->outputs[i] = impl_->Address(step.outputs[i], inputs, outputs);
    }
    Call call;
    call.state = step.preparation.state.get();
    call.inputs = std::span(impl_->inputs.data(), step.inputs.size());
    call.outputs = std::span(impl_->outputs.data(), step.outputs.size());
    call.packed = impl_->packed[k];
    call.workspace = static_cast<std::byte*>(impl_->Address(step.workspace, inputs, outputs));
    call.threads = &impl_->engine->threads();
    if (Status status = step.tactic->run(call); !status.ok()) {
      return status.WithContext(plan.graph->NodeLabel(step.node));
    }
    if (timings != nullptr) {
      timings->push_back(
          {step.origins, step.tactic->name,
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
    }
  }
  return OkStatus();
}

}  // namespace assay
