#include "plan/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ir/graph_editor.h"

namespace assay {
namespace {

Result<const Tactic*> ForcedTactic(const std::string& name, const Instance& instance,
                                   const Machine& machine) {
  const Tactic* tactic = FindTactic(name);
  const Node& node = instance.node();
  const Support support = tactic == nullptr ? Support::No("there is no such tactic")
                          : !IsFor(*tactic, node.domain, node.op)
                              ? Support::No("it is for another operator")
                              : tactic->supports(instance, machine);
  if (support.ok()) return tactic;
  return Status(StatusCode::kUnsupported,
                fmt::format("tactic {} cannot be used: {}", name, support.reason()));
}

Result<const Tactic*> ChooseTactic(const Graph& graph, NodeId id, const Instance& instance,
                                   const PlanOptions& options) {
  const std::string forced = options.tactic_of ? options.tactic_of(graph, id) : "";
  Result<const Tactic*> chosen = forced.empty() ? ChooseStrictTactic(instance, options.machine)
                                                : ForcedTactic(forced, instance, options.machine);
  if (!chosen.ok()) return chosen.status().WithContext(graph.NodeLabel(id));
  return chosen;
}

// One reading of a value in a format that it does not have.
struct Mismatch {
  NodeId node = kNoNode;
  int input = 0;
  Format wanted;
};

class Inserter {
 public:
  Inserter(const Graph& graph, const PlanOptions& options) : graph_(graph), options_(options) {
    for (const Value& value : graph.values) stored_.push_back(RowMajor(value.type.dtype));
  }

  // Tactics, and where their formats do not fit.
  Status Choose() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const Node& node = graph_.node(id);
      ASSAY_ASSIGN_OR_RETURN(const Instance instance, Instance::Of(graph_, id));
      ASSAY_ASSIGN_OR_RETURN(const Tactic* tactic, ChooseTactic(graph_, id, instance, options_));
      tactics_.push_back(tactic);
      const Formats formats = FormatsOf(*tactic, instance);
      for (size_t in = 0; in < node.inputs.size(); ++in) {
        const ValueId value = node.inputs[in];
        if (value == kNoValue || stored_[static_cast<size_t>(value)] == formats.inputs[in])
          continue;
        if (graph_.value(value).constant) {
          return Status(StatusCode::kUnsupported,
                        fmt::format("tactic {} wants constant \"{}\" as {} ({})", tactic->name,
                                    graph_.value(value).name, formats.inputs[in].ToString(),
                                    graph_.NodeLabel(id)));
        }
        mismatches_.push_back({id, static_cast<int>(in), formats.inputs[in]});
      }
      for (size_t out = 0; out < node.outputs.size(); ++out) {
        if (node.outputs[out] == kNoValue) continue;
        stored_[static_cast<size_t>(node.outputs[out])] = formats.outputs[out];
      }
    }
    return OkStatus();
  }

  const std::vector<const Tactic*>& tactics() const { return tactics_; }

  bool HasWork() const {
    return !mismatches_.empty() ||
           std::ranges::any_of(graph_.outputs, [&](ValueId id) { return !IsRowMajor(id); });
  }

  std::shared_ptr<const Graph> Insert() const {
    auto graph = std::make_shared<Graph>(graph_);
    GraphEditor editor(*graph);
    std::map<std::pair<ValueId, std::string>, ValueId> converted;
    for (ValueId& output : graph->outputs) {
      if (IsRowMajor(output)) continue;
      const ValueId stored = output;
      const std::string name = graph->value(stored).name;
      graph->value(stored).name =
          fmt::format("{} as {}", name, stored_[static_cast<size_t>(stored)].ToString());
      const std::string wanted = RowMajor(graph->value(stored).type.dtype).ToString();
      output = AddConversion(editor, stored, name, wanted);
      converted[{stored, wanted}] = output;
    }
    for (const Mismatch& mismatch : mismatches_) {
      const ValueId value = graph_.node(mismatch.node).inputs[static_cast<size_t>(mismatch.input)];
      const std::string wanted = mismatch.wanted.ToString();
      const auto [found, is_new] = converted.try_emplace({value, wanted}, kNoValue);
      if (is_new) {
        const std::string name = fmt::format("{} as {}", graph_.value(value).name, wanted);
        found->second = AddConversion(editor, value, name, wanted);
      }
      editor.SetInput(mismatch.node, mismatch.input, found->second);
    }
    editor.Finish();
    return graph;
  }

 private:
  bool IsRowMajor(ValueId id) const {
    return stored_[static_cast<size_t>(id)] == RowMajor(graph_.value(id).type.dtype);
  }

  ValueId AddConversion(GraphEditor& editor, ValueId value, std::string name,
                        const std::string& to) const {
    const NodeId producer = editor.Producer(value);
    Node node;
    node.op = "Convert";
    node.domain = kFusedDomain;
    node.opset = 1;
    node.name = name;
    node.inputs = {value};
    node.attributes = {{"from", stored_[static_cast<size_t>(value)].ToString()}, {"to", to}};
    if (producer != kNoNode) node.origins = OriginsOf(graph_, producer);
    const ValueId converted = editor.AddValue(std::move(name), graph_.value(value).type);
    node.outputs = {converted};
    editor.AddNode(std::move(node), producer);
    return converted;
  }

  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<const Tactic*> tactics_;  // per node
  std::vector<Format> stored_;          // per value: as its producer's tactic writes it
  std::vector<Mismatch> mismatches_;
};

}  // namespace

Result<TacticChoice> ChooseTactics(std::shared_ptr<const Graph> graph, const PlanOptions& options) {
  Inserter inserter(*graph, options);
  ASSAY_RETURN_IF_ERROR(inserter.Choose());
  if (!inserter.HasWork()) return TacticChoice{std::move(graph), inserter.tactics()};
  graph = inserter.Insert();
  Inserter again(*graph, options);
  ASSAY_RETURN_IF_ERROR(again.Choose());
  return TacticChoice{std::move(graph), again.tactics()};
}

}  // namespace assay
