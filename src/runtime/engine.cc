#include "runtime/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "ir/captures.h"
#include "ir/graph_editor.h"
#include "ir/inline_functions.h"
#include "ops/infer_graph.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/needed_constants.h"
#include "plan/planner.h"
#include "plan/specialize.h"
#include "plan/split.h"

namespace assay {

struct Engine::Impl {
  struct CachedProgram {
    std::vector<Shape> shapes;
    std::shared_ptr<const Program> program;
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
  std::shared_ptr<PackedWeights> packed = std::make_shared<PackedWeights>();

  std::mutex mutex;
  std::list<CachedProgram> programs;  // most recently used first

  void Configure(const EngineOptions& options) {
    threads = options.threads ? options.threads : std::make_shared<ThreadPool>();
    machine = {options.cpu.value_or(GetCpuFeatures()), threads->threads()};
    cached_plans = std::max<size_t>(options.cached_plans, 1);
  }

  // Other shapes will not come: weights that are packed are not needed any more.
  Status KeepOnlyPackedWeights() {
    CachedProgram& only = programs.front();
    if (!only.program->is_whole) return OkStatus();
    ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan,
                           WithoutPackedConstants(*only.program->plan));
    graph = *plan->graph;
    only.program = WholeProgram(std::move(plan));
    only_fixed_shapes = true;
    cached_plans = 1;
    return OkStatus();
  }

  static std::shared_ptr<const Program> WholeProgram(std::shared_ptr<const Plan> plan) {
    auto program = std::make_shared<Program>();
    program->plan = std::move(plan);
    return program;
  }

  void Remember(std::vector<Shape> shapes, std::shared_ptr<const Program> program) {
    programs.push_front({std::move(shapes), std::move(program)});
    if (programs.size() > cached_plans) programs.pop_back();
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
PackedWeights& Engine::packed() { return *impl_->packed; }

Result<std::shared_ptr<Engine>> Engine::Build(std::shared_ptr<const Model> model,
                                              const EngineOptions& options) {
  std::shared_ptr<Engine> engine(new Engine());
  Impl& impl = *engine->impl_;
  impl.Configure(options);
  ASSAY_ASSIGN_OR_RETURN(impl.graph, InlineFunctions(*model));
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
    ASSAY_RETURN_IF_ERROR(engine->ProgramFor(TunedShapes(impl.profile)).status());
  }
  if (!impl.profile.empty() && IsFixed(impl.profile)) {
    ASSAY_RETURN_IF_ERROR(impl.KeepOnlyPackedWeights());
  }
  return engine;
}

Result<std::shared_ptr<const Program>> Engine::ProgramFor(const std::vector<Shape>& input_shapes) {
  std::lock_guard lock(impl_->mutex);
  for (auto it = impl_->programs.begin(); it != impl_->programs.end(); ++it) {
    if (it->shapes != input_shapes) continue;
    impl_->programs.splice(impl_->programs.begin(), impl_->programs, it);
    return impl_->programs.front().program;
  }
  ASSAY_RETURN_IF_ERROR(CheckShapes(impl_->graph, impl_->profile, input_shapes));
  if (impl_->only_fixed_shapes) {
    return Status(StatusCode::kInternal, "an engine of fixed shapes lost its plan");
  }
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Graph> graph,
                         SpecializeGraph(impl_->graph, input_shapes,
                                         {.disabled = impl_->disabled_passes}, *impl_->threads));
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Program> program, MakeProgram(std::move(graph)));
  impl_->Remember(input_shapes, program);
  return program;
}

Result<std::shared_ptr<const Plan>> Engine::PlanOf(std::shared_ptr<const Graph> graph) {
  PlanOptions options;
  options.machine = impl_->machine;
  options.tactic_of = impl_->tactic_of;
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, MakePlan(std::move(graph), options));
  ASSAY_RETURN_IF_ERROR(impl_->packed->PackFor(*plan));
  return plan;
}

Result<std::shared_ptr<const Program>> Engine::MakeProgram(std::shared_ptr<const Graph> graph) {
  if (IsPlannable(*graph)) {
    ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, PlanOf(std::move(graph)));
    return Impl::WholeProgram(std::move(plan));
  }
  auto labelled = std::make_shared<Graph>(*graph);
  for (size_t i = 0; i < labelled->nodes.size(); ++i) {
    labelled->nodes[i].origins = OriginsOf(*graph, static_cast<NodeId>(i));
  }
  auto program = std::make_shared<Program>();
  program->is_whole = false;
  program->split = SplitGraph(*labelled);
  program->graph = labelled;
  if (!program->split.head.empty()) {
    ASSAY_ASSIGN_OR_RETURN(program->plan, PlanOf(program->split.head.graph));
  }
  for (NodeId id : program->split.boxed) {
    for (const auto& body : BodiesOf(labelled->node(id))) {
      Graph of_body = *body;
      for (const auto& capture : of_body.captures) of_body.inputs.push_back(capture.first);
      of_body.captures.clear();
      Result<std::shared_ptr<Engine>> engine = ForPart(of_body, /*with_passes=*/true);
      if (!engine.ok()) return engine.status().WithContext(labelled->NodeLabel(id));
      program->bodies[body.get()] = *engine;
    }
  }
  if (!program->split.rest.empty()) {
    ASSAY_ASSIGN_OR_RETURN(program->rest,
                           ForPart(*program->split.rest.graph, /*with_passes=*/false));
  }
  return std::shared_ptr<const Program>(std::move(program));
}

Result<std::shared_ptr<Engine>> Engine::ForPart(const Graph& graph, bool with_passes) const {
  std::shared_ptr<Engine> engine(new Engine());
  Impl& impl = *engine->impl_;
  impl.graph = graph;
  impl.threads = impl_->threads;
  impl.machine = impl_->machine;
  impl.cached_plans = impl_->cached_plans;
  impl.disabled_passes = impl_->disabled_passes;
  impl.tactic_of = impl_->tactic_of;
  impl.packed = impl_->packed;
  impl.weights_owner = impl_->weights_owner;
  ASSAY_RETURN_IF_ERROR(InferGraph(impl.graph));
  if (!with_passes) return engine;
  PassContext context{*impl.threads, NullLog()};
  ASSAY_ASSIGN_OR_RETURN(impl.passes,
                         RunPasses(impl.graph, {.disabled = impl.disabled_passes}, context));
  return engine;
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
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Program> program,
                         ProgramFor(TunedShapes(profile)));
  if (program->is_whole) contents.plan = program->plan;
  contents.source = impl_->source;
  contents.cpu = impl_->machine.cpu;
  contents.disabled_passes = impl_->disabled_passes;
  if (!program->is_whole || !IsFixed(profile)) contents.graph = &impl_->graph;
  contents.profile = std::move(profile);
  contents.packed = [this](std::string_view key) { return impl_->packed->Find(key); };
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
  for (auto& [key, bytes] : loaded.packed) impl.packed->Adopt(key, bytes, loaded.owner);
  if (loaded.plan != nullptr) {
    impl.Remember(loaded.plan->input_shapes, Impl::WholeProgram(loaded.plan));
  }
  if (impl.only_fixed_shapes) impl.cached_plans = 1;
  return engine;
}

}  // namespace assay
