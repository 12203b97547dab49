#include "runtime/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "ops/infer_graph.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/needed_constants.h"
#include "plan/planner.h"
#include "plan/specialize.h"

namespace assay {

struct Engine::Impl {
  struct CachedPlan {
    std::vector<Shape> shapes;
    std::shared_ptr<const Plan> plan;
  };

  std::shared_ptr<const void> weights_owner;  // the model or engine file that weights view
  std::string source;
  Graph graph;
  ShapeProfile profile;
  bool only_fixed_shapes = false;  // `graph` has fixed shapes and weights that are packed already
  size_t cached_plans = 1;
  Machine machine;
  std::vector<PassReport> passes;
  std::vector<std::string> disabled_passes;
  std::function<std::string(const Graph& graph, NodeId node)> tactic_of;
  std::shared_ptr<ThreadPool> threads;
  PackedWeights packed;

  std::mutex mutex;
  std::list<CachedPlan> plans;  // most recently used first

  void Configure(const EngineOptions& options) {
    threads = options.threads ? options.threads : std::make_shared<ThreadPool>();
    machine = {options.cpu.value_or(GetCpuFeatures()), threads->threads()};
    cached_plans = std::max<size_t>(options.cached_plans, 1);
  }

  // Other shapes will not come: weights that are packed are not needed any more.
  Status KeepOnlyPackedWeights() {
    CachedPlan& only = plans.front();
    ASSAY_ASSIGN_OR_RETURN(only.plan, WithoutPackedConstants(*only.plan));
    graph = *only.plan->graph;
    only_fixed_shapes = true;
    cached_plans = 1;
    return OkStatus();
  }

  void Remember(std::vector<Shape> shapes, std::shared_ptr<const Plan> plan) {
    plans.push_front({std::move(shapes), std::move(plan)});
    if (plans.size() > cached_plans) plans.pop_back();
  }
};

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;

const Graph& Engine::graph() const { return impl_->graph; }
ThreadPool& Engine::threads() const { return *impl_->threads; }
const ShapeProfile& Engine::profile() const { return impl_->profile; }
const std::vector<PassReport>& Engine::passes() const { return impl_->passes; }
const std::string& Engine::source() const { return impl_->source; }
std::string Engine::cpu() const { return CpuText(impl_->machine.cpu); }
PackedWeights& Engine::packed() { return impl_->packed; }

Result<std::shared_ptr<Engine>> Engine::Build(std::shared_ptr<const Model> model,
                                              const EngineOptions& options) {
  std::shared_ptr<Engine> engine(new Engine());
  Impl& impl = *engine->impl_;
  impl.Configure(options);
  impl.graph = model->graph;
  impl.source = std::filesystem::path(model->source).filename().string();
  impl.weights_owner = std::move(model);
  ASSAY_RETURN_IF_ERROR(InferGraph(impl.graph));
  if (!options.profile.empty()) {
    ASSAY_RETURN_IF_ERROR(CheckProfile(impl.graph, options.profile));
  }
  impl.disabled_passes = options.disabled_passes;
  impl.tactic_of = options.tactic_of;
  const PipelineOptions pipeline = {.disabled = options.disabled_passes};
  PassContext context{*impl.threads, NullLog()};
  ASSAY_ASSIGN_OR_RETURN(impl.passes, RunPasses(impl.graph, pipeline, context));
  impl.profile = options.profile.empty() ? FixedProfileOf(impl.graph) : options.profile;
  if (!impl.profile.empty()) {
    ASSAY_RETURN_IF_ERROR(engine->PlanFor(TunedShapes(impl.profile)).status());
  }
  if (!impl.profile.empty() && IsFixed(impl.profile)) {
    ASSAY_RETURN_IF_ERROR(impl.KeepOnlyPackedWeights());
  }
  return engine;
}

Result<std::shared_ptr<const Plan>> Engine::PlanFor(const std::vector<Shape>& input_shapes) {
  std::lock_guard lock(impl_->mutex);
  for (auto it = impl_->plans.begin(); it != impl_->plans.end(); ++it) {
    if (it->shapes != input_shapes) continue;
    impl_->plans.splice(impl_->plans.begin(), impl_->plans, it);
    return impl_->plans.front().plan;
  }
  ASSAY_RETURN_IF_ERROR(CheckShapes(impl_->graph, impl_->profile, input_shapes));
  if (impl_->only_fixed_shapes) {
    return Status(StatusCode::kInternal, "an engine of fixed shapes lost its plan");
  }
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Graph> graph,
                         SpecializeGraph(impl_->graph, input_shapes,
                                         {.disabled = impl_->disabled_passes}, *impl_->threads));
  PlanOptions options;
  options.machine = impl_->machine;
  options.tactic_of = impl_->tactic_of;
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, MakePlan(std::move(graph), options));
  ASSAY_RETURN_IF_ERROR(impl_->packed.PackFor(*plan));
  impl_->Remember(input_shapes, plan);
  return plan;
}

bool Engine::IsEngineFile(const std::filesystem::path& path) { return BeginsLikeEngineFile(path); }

Status Engine::Save(const std::filesystem::path& path, ShapeProfile profile) {
  if (profile.empty()) profile = impl_->profile;
  if (profile.empty() && !impl_->graph.inputs.empty()) {
    return Status(
        StatusCode::kUsage, "cannot save an engine for any shape: its inputs have no fixed shapes",
        "say which shapes it is for: one for every input, or a profile of minimum, optimal "
        "and maximum shapes");
  }
  EngineContents contents;
  ASSAY_RETURN_IF_ERROR(CheckProfile(impl_->graph, profile));
  ASSAY_ASSIGN_OR_RETURN(contents.plan, PlanFor(TunedShapes(profile)));
  contents.source = impl_->source;
  contents.cpu = impl_->machine.cpu;
  contents.disabled_passes = impl_->disabled_passes;
  if (!IsFixed(profile)) contents.graph = &impl_->graph;
  contents.profile = std::move(profile);
  contents.packed = [this](std::string_view key) { return impl_->packed.Find(key); };
  return WriteEngineFile(contents, path);
}

Result<std::shared_ptr<Engine>> Engine::Load(const std::filesystem::path& path,
                                             const EngineOptions& options) {
  std::shared_ptr<Engine> engine(new Engine());
  Impl& impl = *engine->impl_;
  impl.Configure(options);
  ASSAY_ASSIGN_OR_RETURN(LoadedEngine loaded, ReadEngineFile(path, impl.machine, *impl.threads));
  impl.source = std::move(loaded.source);
  impl.profile = std::move(loaded.profile);
  impl.weights_owner = loaded.owner;
  impl.disabled_passes = std::move(loaded.disabled_passes);
  impl.only_fixed_shapes = !loaded.graph;
  impl.graph = loaded.graph ? *std::move(loaded.graph) : *loaded.plan->graph;
  for (auto& [key, bytes] : loaded.packed) impl.packed.Adopt(key, bytes, loaded.owner);
  impl.Remember(loaded.plan->input_shapes, loaded.plan);
  if (impl.only_fixed_shapes) impl.cached_plans = 1;
  return engine;
}

}  // namespace assay
