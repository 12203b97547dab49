#include "report/engine_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/cpu_features.h"
#include "base/quote.h"
#include "base/thread_pool.h"
#include "ir/captures.h"
#include "ir/graph_editor.h"
#include "plan/engine_file.h"
#include "report/reference_steps_text.h"
#include "runners/native/reference_steps.h"

namespace assay {
namespace {

std::string Bytes(size_t bytes) {
  return fmt::format("{:.2f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string ValueLines(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string text;
  for (const ValueId id : ids) {
    text += fmt::format("\n    {} {}", Printable(graph.value(id).name),
                        Printable(graph.value(id).type.ToString()));
  }
  return text;
}

std::string ProfileText(const Graph& graph, const ShapeProfile& profile) {
  std::string text = "\nProfile:";
  for (size_t i = 0; i < profile.size(); ++i) {
    if (graph.value(graph.inputs[i]).type.kind != ValueType::Kind::kTensor) continue;
    text += fmt::format("\n    {}: {}", Printable(graph.value(graph.inputs[i]).name),
                        profile[i].ToString());
  }
  return text;
}

std::string LocationText(const Location& at) {
  switch (at.kind) {
    case Location::Kind::kNone:
      return "nowhere";
    case Location::Kind::kInput:
      return fmt::format("input {}", at.index);
    case Location::Kind::kOutput:
      return fmt::format("output {}", at.index);
    case Location::Kind::kConstant:
      return "constant";
    case Location::Kind::kArena:
      return fmt::format("arena {} + {}", at.offset, at.bytes);
  }
  return {};
}

std::string StepLines(const Plan& plan) {
  std::string text = "\nSteps:";
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    text += fmt::format("\n    {:4} {:38} {}", i, step.tactic->name,
                        Printable(fmt::format("{}", fmt::join(step.origins, " + "))));
    for (const Location& at : step.outputs) text += " -> " + LocationText(at);
  }
  return text;
}

// What a graph holds, with its bodies.
struct Contents {
  int nodes = 0;
  int bodies = 0;
  size_t constant_bytes = 0;
  std::map<std::string, int> operators;
};

void AddContents(const Graph& graph, Contents& contents) {
  for (const Value& value : graph.values) {
    if (value.constant) contents.constant_bytes += value.constant->byte_size();
  }
  for (const Node& node : graph.nodes) {
    ++contents.nodes;
    ++contents.operators[node.op];
    for (const auto& body : BodiesOf(node)) {
      ++contents.bodies;
      AddContents(*body, contents);
    }
  }
}

// "name  count unit", the most frequent first.
template <typename Name>
std::string CountLines(std::string_view title, const std::map<Name, int>& counts,
                       std::string_view unit) {
  std::vector<std::pair<Name, int>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted,
                           [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = fmt::format("\n{}:", title);
  for (const auto& [name, count] : sorted) {
    text += fmt::format("\n    {:38} {} {}", Printable(name), count, unit);
  }
  return text;
}

std::string TacticLines(const Plan& plan) {
  std::map<std::string_view, int> counts;
  for (const Step& step : plan.steps) ++counts[step.tactic->name];
  return CountLines("Tactics", counts, "step(s)");
}

std::string NodeLines(const Graph& graph, int depth) {
  std::string text;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    text += fmt::format("\n    {:{}}{:4} {} {}", "", 4 * depth, i, Printable(graph.nodes[i].op),
                        Printable(fmt::format("{}", fmt::join(OriginsOf(graph, id), " + "))));
    for (const auto& body : BodiesOf(graph.nodes[i])) text += NodeLines(*body, depth + 1);
  }
  return text;
}

std::string StagedText(const Graph& graph, bool nodes) {
  Contents contents;
  AddContents(graph, contents);
  std::string text = fmt::format(
      "\nNo plan: data decide shapes, or values are no plain tensors, so that everything is "
      "planned "
      "when it runs\nGraph: {} nodes{} | constants: {}",
      contents.nodes, contents.bodies == 0 ? "" : fmt::format(", {} bodies", contents.bodies),
      Bytes(contents.constant_bytes));
  text += CountLines("Operators", contents.operators, "node(s)");
  if (nodes) text += "\nNodes:" + NodeLines(graph, 0);
  return text;
}

std::string PlanText(const LoadedEngine& engine, bool steps) {
  const Plan& plan = *engine.plan;
  size_t packed_bytes = 0;
  for (const auto& [key, bytes] : engine.packed) packed_bytes += bytes.size();
  std::string text = fmt::format(
      "\nPlan{}: {} steps | packed weights: {} | memory for values: {} (no plan needs "
      "less than {})",
      IsFixed(engine.profile) ? "" : " for the shapes that it is tuned for", plan.steps.size(),
      Bytes(packed_bytes), Bytes(plan.arena_bytes), Bytes(plan.lower_bound_bytes));
  text += TacticLines(plan);
  const std::string shared = ReferenceStepsText(ReferenceStepsOf(plan));
  if (!shared.empty()) text += "\n" + shared;
  if (steps) text += StepLines(plan);
  return text;
}

std::string DeviceText(const LoadedEngine& engine) {
  if (engine.plan == nullptr) return "CPU, with the instructions that it has when it runs";
  return "CPU with " + (engine.cpu.empty() ? "any instructions" : Printable(engine.cpu));
}

std::string EngineText(const LoadedEngine& engine, bool steps) {
  // That of the plan has the shapes that the engine is tuned for.
  const Graph& graph = engine.graph ? *engine.graph : *engine.plan->graph;
  std::string text = fmt::format("Made by: {} | Model: {} | File: {}", Printable(engine.producer),
                                 engine.source.empty() ? "(no name)" : Printable(engine.source),
                                 Bytes(engine.file_bytes));
  text += "\nDevice: " + DeviceText(engine);
  text += fmt::format("\nPasses left out: {}",
                      engine.disabled_passes.empty()
                          ? "none"
                          : Printable(fmt::format("{}", fmt::join(engine.disabled_passes, ", "))));
  text += ProfileText(graph, engine.profile);
  text += "\nInputs:" + ValueLines(graph, graph.inputs);
  text += "\nOutputs:" + ValueLines(graph, graph.outputs);
  return text + (engine.plan == nullptr ? StagedText(graph, steps) : PlanText(engine, steps));
}

}  // namespace

Result<std::string> EngineFileText(const std::filesystem::path& path, bool steps) {
  ThreadPool threads;
  const Machine machine = {GetCpuFeatures(), threads.threads()};
  ASSAY_ASSIGN_OR_RETURN(const LoadedEngine engine, ReadEngineFile(path, machine, threads));
  return EngineText(engine, steps);
}

}  // namespace assay
