#include "runtime/late_step.h"

#include <algorithm>
#include <cstring>

#include "ops/infer_graph.h"
#include "plan/planner.h"
#include "runtime/engine.h"

namespace assay {
namespace {

// Below this the float64 kernel is done before a plan is made.
constexpr size_t kLeastBytes = 4096;
// Integers that may decide shapes are no longer than this.
constexpr int64_t kMostExtents = 64;

bool MayDecideShapes(const Tensor& tensor) {
  return IsInteger(tensor.dtype()) && tensor.shape().rank() <= 1 &&
         tensor.elements() <= kMostExtents;
}

bool SameContents(const Tensor& a, const Tensor& b) {
  return a.byte_size() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byte_size()) == 0;
}

}  // namespace

std::string_view LateStep::tactic() const {
  return gives_up_ || runner_.plan() == nullptr ? std::string_view()
                                                : runner_.plan()->steps.front().tactic->name;
}

bool LateStep::IsPlannedFor(const std::vector<Tensor>& tensors) const {
  return std::ranges::equal(tensors, planned_for_, [](const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           (!MayDecideShapes(a) || SameContents(a, b));
  });
}

Status LateStep::Plan(Engine& engine, const std::vector<Tensor>& tensors) {
  planned_for_.clear();
  auto graph = std::make_shared<Graph>(*part_.graph);
  std::vector<ValueId> bound;
  for (size_t i = 0; i < tensors.size(); ++i) {
    Value& value = graph->value(graph->inputs[i]);
    value.type.shape = ToSymbolic(tensors[i].shape());
    if (MayDecideShapes(tensors[i])) {
      ASSAY_ASSIGN_OR_RETURN(value.constant, tensors[i].Copy());
    } else {
      bound.push_back(graph->inputs[i]);
    }
  }
  graph->inputs = bound;
  for (Value& value : graph->values) {
    if (value.producer != kNoNode) value.type.shape.reset();
  }
  ASSAY_RETURN_IF_ERROR(InferGraph(*graph));
  gives_up_ = !IsPlannable(*graph, graph->nodes.front());
  if (gives_up_) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const assay::Plan> plan, engine.PlanOf(std::move(graph)));
  ASSAY_RETURN_IF_ERROR(runner_.Prepare(std::move(plan), engine.packed(), engine.threads()));
  // The caller may write other integers to the same memory.
  std::vector<Tensor> planned_for;
  for (const Tensor& tensor : tensors) {
    planned_for.push_back(Tensor::View(tensor.dtype(), tensor.shape(), nullptr, nullptr));
    if (!MayDecideShapes(tensor)) continue;
    ASSAY_ASSIGN_OR_RETURN(planned_for.back(), tensor.Copy());
  }
  planned_for_ = std::move(planned_for);
  return OkStatus();
}

Result<std::optional<std::vector<Tensor>>> LateStep::Run(
    Engine& engine, const std::vector<const RuntimeValue*>& inputs, const Monitor& monitor) {
  std::optional<std::vector<Tensor>> outputs;
  if (gives_up_) return outputs;
  std::vector<Tensor> tensors;
  size_t bytes = 0;
  for (const RuntimeValue* input : inputs) {
    if (!input->is_tensor() || input->tensor().dtype() == DType::kString) {
      gives_up_ = true;
      return outputs;
    }
    tensors.push_back(input->tensor());
    bytes += tensors.back().byte_size();
  }
  if (bytes < kLeastBytes) return outputs;
  if (!IsPlannedFor(tensors)) ASSAY_RETURN_IF_ERROR(Plan(engine, tensors));
  if (gives_up_) return outputs;
  std::erase_if(tensors, MayDecideShapes);
  const Graph& graph = *runner_.plan()->graph;
  outputs.emplace();
  for (ValueId id : graph.outputs) {
    const ValueType& type = graph.value(id).type;
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor,
                           Tensor::TryAllocate(type.dtype, *ToConcrete(*type.shape)));
    outputs->push_back(std::move(tensor));
  }
  ASSAY_RETURN_IF_ERROR(runner_.Run(tensors, *outputs, nullptr, monitor));
  return outputs;
}

}  // namespace assay
