#include "plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ir/graph_editor.h"
#include "plan/conversions.h"
#include "plan/memory.h"
#include "tensor/hash.h"

namespace assay {
namespace {

// Names packed weights by what decides their bytes: the tactic, the constants and the attributes.
std::string PackedKey(const Graph& graph, const Node& node, const Tactic& tactic,
                      const Preparation& preparation) {
  std::string key = fmt::format("{}|{}", tactic.name, preparation.packed_bytes);
  for (int input : preparation.packed_inputs) {
    const Value& value = graph.value(node.inputs[static_cast<size_t>(input)]);
    key += fmt::format("|{} {}", input, HashTensor(*value.constant).ToString());
  }
  for (const Attribute& attribute : node.attributes) {
    if (const auto* number = std::get_if<int64_t>(&attribute.value)) {
      key += fmt::format("|{}={}", attribute.name, *number);
    } else if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute.value)) {
      key += fmt::format("|{}={}", attribute.name, fmt::join(*list, ","));
    } else if (const auto* real = std::get_if<float>(&attribute.value)) {
      key += fmt::format("|{}={}", attribute.name, *real);
    }
  }
  return key;
}

class Planner {
 public:
  Planner(TacticChoice choice, const PlanOptions& options)
      : plan_(std::make_shared<Plan>()),
        graph_(*choice.graph),
        tactics_(std::move(choice.tactics)),
        options_(options) {
    plan_->graph = std::move(choice.graph);
    locations_.resize(graph_.values.size());
    stored_of_.assign(graph_.values.size(), -1);
    last_use_.assign(graph_.values.size(), -1);
  }

  Result<std::shared_ptr<const Plan>> Make() {
    for (size_t id = 0; id < graph_.nodes.size(); ++id) {
      ASSAY_RETURN_IF_ERROR(AddStep(static_cast<NodeId>(id)));
    }
    FindLastUses();
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      const ValueId id = graph_.inputs[i];
      locations_[static_cast<size_t>(id)] = Bound(Location::Kind::kInput, i, id);
      plan_->input_shapes.push_back(*ToConcrete(*graph_.value(id).type.shape));
    }
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const ValueId id = graph_.outputs[i];
      locations_[static_cast<size_t>(id)] = Bound(Location::Kind::kOutput, i, id);
    }
    for (size_t step = 0; step < plan_->steps.size(); ++step) StoreOutputs(static_cast<int>(step));
    for (size_t step = 0; step < plan_->steps.size(); ++step) {
      AliasConcatenation(static_cast<int>(step));
    }
    for (size_t step = 0; step < plan_->steps.size(); ++step) AliasInPlace(static_cast<int>(step));
    PlaceValues();
    for (Step& step : plan_->steps) Resolve(step);
    ASSAY_RETURN_IF_ERROR(VerifyPlan(*plan_));
    return std::shared_ptr<const Plan>(plan_);
  }

 private:
  Status AddStep(NodeId id) {
    ASSAY_ASSIGN_OR_RETURN(const Instance instance, Instance::Of(graph_, id));
    Step step;
    step.node = id;
    step.origins = OriginsOf(graph_, id);
    step.tactic = tactics_[static_cast<size_t>(id)];
    const Result<Preparation> prepared = step.tactic->prepare(instance, options_.machine);
    if (!prepared.ok()) return prepared.status().WithContext(graph_.NodeLabel(id));
    step.preparation = *prepared;
    if (step.preparation.packed_bytes > 0) {
      step.packed_key = options_.packed_key_of
                            ? options_.packed_key_of(id)
                            : PackedKey(graph_, graph_.node(id), *step.tactic, step.preparation);
    }
    formats_.push_back(FormatsOf(*step.tactic, instance));
    plan_->steps.push_back(std::move(step));
    return OkStatus();
  }

  void FindLastUses() {
    for (size_t step = 0; step < plan_->steps.size(); ++step) {
      for (ValueId id : NodeOf(step).inputs) {
        if (id != kNoValue) last_use_[static_cast<size_t>(id)] = static_cast<int>(step);
      }
    }
  }

  const Node& NodeOf(size_t step) const { return graph_.node(plan_->steps[step].node); }

  size_t BytesOf(ValueId id) const {
    const Value& value = graph_.value(id);
    return StorageBytes(RowMajor(value.type.dtype), *ToConcrete(*value.type.shape));
  }

  Location Bound(Location::Kind kind, size_t index, ValueId id) const {
    return {kind, index, 0, BytesOf(id)};
  }

  void StoreOutputs(int step) {
    const Node& node = NodeOf(static_cast<size_t>(step));
    const Formats& formats = formats_[static_cast<size_t>(step)];
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId id = node.outputs[i];
      if (id == kNoValue || locations_[static_cast<size_t>(id)].kind != Location::Kind::kNone)
        continue;
      StoredValue stored;
      stored.value = id;
      stored.format = formats.outputs[i];
      stored.bytes = StorageBytes(stored.format, *ToConcrete(*graph_.value(id).type.shape));
      stored.first_step = step;
      stored.last_step = std::max(step, last_use_[static_cast<size_t>(id)]);
      stored_of_[static_cast<size_t>(id)] = static_cast<int>(plan_->values.size());
      plan_->values.push_back(stored);
      aliased_.push_back(0);
    }
    const size_t workspace = plan_->steps[static_cast<size_t>(step)].preparation.workspace_bytes;
    workspace_of_.push_back(-1);
    if (workspace == 0) return;
    StoredValue stored;
    stored.bytes = workspace;
    stored.first_step = step;
    stored.last_step = step;
    workspace_of_.back() = static_cast<int>(plan_->values.size());
    plan_->values.push_back(stored);
    aliased_.push_back(0);
  }

  // Inputs of a Concat along an axis with nothing outside it are consecutive pieces of its output:
  // where they may, they are written there at once and the step has nothing to do.
  void AliasConcatenation(int step) {
    const Node& node = NodeOf(static_cast<size_t>(step));
    if (node.op != "Concat" || !node.domain.empty()) return;
    const int output = stored_of_[static_cast<size_t>(node.outputs[0])];
    if (output < 0) return;
    const Shape shape = *ToConcrete(*graph_.value(node.outputs[0]).type.shape);
    const auto* axis_attribute = std::get_if<int64_t>(&node.FindAttribute("axis")->value);
    const std::optional<int> axis = NormalizeAxis(*axis_attribute, shape.rank());
    if (!axis || shape.elements(0, *axis) != 1) return;
    size_t offset = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      const int input = stored_of_[static_cast<size_t>(id)];
      const size_t bytes = BytesOf(id);
      if (input >= 0 && aliased_[static_cast<size_t>(input)] == 0 &&
          offset % kArenaAlignment == 0 && last_use_[static_cast<size_t>(id)] == step &&
          std::count(node.inputs.begin(), node.inputs.end(), id) == 1) {
        AliasTo(input, output, offset);
      }
      offset += bytes;
    }
  }

  void AliasInPlace(int step) {
    const Step& planned = plan_->steps[static_cast<size_t>(step)];
    const Node& node = graph_.node(planned.node);
    for (const auto& [in, out] : planned.preparation.in_place) {
      const ValueId source = node.inputs[static_cast<size_t>(in)];
      const ValueId target = node.outputs[static_cast<size_t>(out)];
      if (source == kNoValue || target == kNoValue) continue;
      const int input = stored_of_[static_cast<size_t>(source)];
      const int output = stored_of_[static_cast<size_t>(target)];
      if (input < 0 || output < 0 || aliased_[static_cast<size_t>(output)] != 0) continue;
      if (last_use_[static_cast<size_t>(source)] != step ||
          std::count(node.inputs.begin(), node.inputs.end(), source) != 1 ||
          plan_->values[static_cast<size_t>(input)].bytes !=
              plan_->values[static_cast<size_t>(output)].bytes) {
        continue;
      }
      AliasTo(output, input, 0);
      return;
    }
  }

  // Puts `inner` into the memory of `outer`. Aliases are kept one level deep.
  void AliasTo(int inner, int outer, size_t offset) {
    StoredValue& value = plan_->values[static_cast<size_t>(inner)];
    const StoredValue& host = plan_->values[static_cast<size_t>(outer)];
    const int root = host.alias_of < 0 ? outer : host.alias_of;
    const size_t base = host.alias_of < 0 ? 0 : alias_offset_[static_cast<size_t>(outer)];
    alias_offset_.resize(plan_->values.size(), 0);
    for (size_t i = 0; i < plan_->values.size(); ++i) {
      if (plan_->values[i].alias_of != inner) continue;
      plan_->values[i].alias_of = root;
      alias_offset_[i] += base + offset;
    }
    value.alias_of = root;
    alias_offset_[static_cast<size_t>(inner)] = base + offset;
    aliased_[static_cast<size_t>(inner)] = 1;
  }

  void PlaceValues() {
    alias_offset_.resize(plan_->values.size(), 0);
    std::vector<Lifetime> lifetimes;
    for (size_t i = 0; i < plan_->values.size(); ++i) {
      const StoredValue& value = plan_->values[i];
      lifetimes.push_back(
          {value.bytes, value.first_step, value.last_step, value.alias_of, alias_offset_[i]});
    }
    const Placement placement = PlaceLifetimes(lifetimes);
    for (size_t i = 0; i < plan_->values.size(); ++i)
      plan_->values[i].offset = placement.offsets[i];
    plan_->arena_bytes = placement.arena_bytes;
    plan_->lower_bound_bytes = placement.lower_bound_bytes;
  }

  Location LocationOf(ValueId id) const {
    if (id == kNoValue) return {};
    const Value& value = graph_.value(id);
    if (value.constant) {
      return {Location::Kind::kConstant, static_cast<size_t>(id), 0, value.constant->byte_size()};
    }
    const int stored = stored_of_[static_cast<size_t>(id)];
    if (stored < 0) return locations_[static_cast<size_t>(id)];
    const StoredValue& place = plan_->values[static_cast<size_t>(stored)];
    return {Location::Kind::kArena, static_cast<size_t>(stored), place.offset, place.bytes};
  }

  void Resolve(Step& step) {
    const Node& node = graph_.node(step.node);
    for (ValueId id : node.inputs) step.inputs.push_back(LocationOf(id));
    for (ValueId id : node.outputs) step.outputs.push_back(LocationOf(id));
    const int workspace = workspace_of_[static_cast<size_t>(&step - plan_->steps.data())];
    if (workspace < 0) return;
    const StoredValue& place = plan_->values[static_cast<size_t>(workspace)];
    step.workspace = {Location::Kind::kArena, static_cast<size_t>(workspace), place.offset,
                      place.bytes};
  }

  std::shared_ptr<Plan> plan_;
  const Graph& graph_;
  std::vector<const Tactic*> tactics_;  // per node
  const PlanOptions& options_;
  std::vector<Formats> formats_;      // per step
  std::vector<Location> locations_;   // per value: bound by the caller
  std::vector<int> stored_of_;        // per value: index into plan_->values
  std::vector<int> last_use_;         // per value: step
  std::vector<int> workspace_of_;     // per step: index into plan_->values
  std::vector<char> aliased_;         // per stored value
  std::vector<size_t> alias_offset_;  // per stored value
};

}  // namespace

Result<std::shared_ptr<const Plan>> MakePlan(std::shared_ptr<const Graph> graph,
                                             const PlanOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(TacticChoice choice, ChooseTactics(std::move(graph), options));
  return Planner(std::move(choice), options).Make();
}

}  // namespace assay
