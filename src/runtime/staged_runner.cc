#include "runtime/staged_runner.h"

#include <algorithm>
#include <chrono>

#include "ir/captures.h"
#include "ir/graph_editor.h"
#include "ops/evaluate_node.h"
#include "ops/op_def.h"
#include "tactics/cpu/portable.h"

namespace assay {
namespace {

// Floating tensors in the type that a kernel or a value wants; everything else as it is.
Result<RuntimeValue> WithFloatsAs(const RuntimeValue& value, DType dtype) {
  if (!value.is_tensor() || !IsFloating(value.tensor().dtype()) ||
      value.tensor().dtype() == dtype) {
    return value;
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ConvertTensor(value.tensor(), dtype));
  return RuntimeValue(std::move(tensor));
}

}  // namespace

StagedRunner::StagedRunner(std::shared_ptr<const Program> program, std::shared_ptr<Engine> engine,
                           Monitor monitor)
    : program_(std::move(program)), engine_(std::move(engine)), monitor_(std::move(monitor)) {
  for (const auto& [body, of_body] : program_->bodies) {
    bodies_[body] = std::make_unique<ExecutionContext>(of_body, monitor_);
  }
  const Graph& graph = *program_->graph;
  for (NodeId id : program_->split.boxed) {
    const Node& node = graph.node(id);
    const bool is_plain = BodiesOf(node).empty() && !FindOp(node.domain, node.op)->moves_values;
    if (is_plain) late_.emplace(id, LateStep(graph, id));
  }
  values_.resize(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].constant) values_[i] = *graph.values[i].constant;
  }
  if (program_->rest != nullptr)
    rest_ = std::make_unique<ExecutionContext>(program_->rest, monitor_);
}

Result<std::vector<RuntimeValue>> StagedRunner::Run(std::span<const RuntimeValue> inputs,
                                                    std::vector<StepTiming>* timings) {
  const Graph& graph = *program_->graph;
  for (size_t i = 0; i < inputs.size(); ++i) {
    values_[static_cast<size_t>(graph.inputs[i])] = inputs[i];
  }
  const Status status = RunParts(timings);
  std::vector<RuntimeValue> outputs;
  for (ValueId id : graph.outputs) outputs.push_back(ValueOf(id));
  for (size_t i = 0; i < values_.size(); ++i) {
    if (!graph.values[i].constant) values_[i] = {};
  }
  if (!status.ok()) return status;
  return outputs;
}

Status StagedRunner::RunParts(std::vector<StepTiming>* timings) {
  ASSAY_RETURN_IF_ERROR(RunHead(timings));
  for (NodeId id : program_->split.boxed) {
    if (Status status = RunBoxed(id, timings); !status.ok()) {
      return status.WithContext(program_->graph->NodeLabel(id));
    }
  }
  return RunRest(timings);
}

Status StagedRunner::RunHead(std::vector<StepTiming>* timings) {
  if (program_->plan == nullptr) return OkStatus();
  ASSAY_RETURN_IF_ERROR(head_.Prepare(program_->plan, engine_->packed(), engine_->threads()));
  const GraphPart& part = program_->split.head;
  std::vector<Tensor> inputs;
  for (ValueId id : part.inputs) inputs.push_back(ValueOf(id).tensor());
  std::vector<Tensor> outputs;
  for (ValueId id : part.graph->outputs) {
    const ValueType& type = part.graph->value(id).type;
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor,
                           Tensor::TryAllocate(type.dtype, *ToConcrete(*type.shape)));
    outputs.push_back(std::move(tensor));
  }
  ASSAY_RETURN_IF_ERROR(head_.Run(inputs, outputs, timings, monitor_));
  for (size_t i = 0; i < outputs.size(); ++i) {
    values_[static_cast<size_t>(part.outputs[i])] = std::move(outputs[i]);
  }
  return OkStatus();
}

std::string_view StagedRunner::TacticOf(NodeId id) const {
  const Node& node = program_->graph->node(id);
  if (FindOp(node.domain, node.op)->moves_values) return kMoveValuesName;
  const auto late = late_.find(id);
  const std::string_view tactic = late == late_.end() ? "" : late->second.tactic();
  return tactic.empty() ? kPortableName : tactic;
}

Status StagedRunner::RunBoxed(NodeId id, std::vector<StepTiming>* timings) {
  ASSAY_RETURN_IF_ERROR(monitor_.Check());
  const auto start = std::chrono::steady_clock::now();
  ASSAY_ASSIGN_OR_RETURN(const bool is_done, RunLate(id));
  if (!is_done) ASSAY_RETURN_IF_ERROR(RunKernel(id));
  if (timings == nullptr) return OkStatus();
  timings->push_back(
      {TacticOf(id), program_->graph->node(id).origins,
       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  return OkStatus();
}

Result<bool> StagedRunner::RunLate(NodeId id) {
  const auto found = late_.find(id);
  if (found == late_.end()) return false;
  LateStep& step = found->second;
  std::vector<const RuntimeValue*> inputs;
  for (ValueId input : step.inputs()) inputs.push_back(&ValueOf(input));
  ASSAY_ASSIGN_OR_RETURN(std::optional<std::vector<Tensor>> outputs,
                         step.Run(*engine_, inputs, monitor_));
  if (!outputs) return false;
  for (size_t i = 0; i < outputs->size(); ++i) {
    values_[static_cast<size_t>(step.outputs()[i])] = std::move((*outputs)[i]);
  }
  return true;
}

Status StagedRunner::RunKernel(NodeId id) {
  const Graph& graph = *program_->graph;
  const Node& node = graph.node(id);
  const OpDef& op = *FindOp(node.domain, node.op);
  std::vector<RuntimeValue> inputs(node.inputs.size());
  std::vector<const RuntimeValue*> pointers(node.inputs.size(), nullptr);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    inputs[i] = ValueOf(node.inputs[i]);
    if (!op.moves_values) {
      ASSAY_ASSIGN_OR_RETURN(inputs[i], WithFloatsAs(inputs[i], DType::kFloat64));
    }
    pointers[i] = &inputs[i];
  }
  const BodyRunner run_body = [&](const Graph& body, std::vector<RuntimeValue> body_inputs,
                                  std::vector<RuntimeValue> captures) {
    return RunBody(body, std::move(body_inputs), std::move(captures), !op.moves_values);
  };
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                         EvaluateNode(graph, node, std::move(pointers), engine_->threads(),
                                      run_body, op.moves_values));
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    RuntimeValue& value = values_[static_cast<size_t>(node.outputs[i])];
    ASSAY_ASSIGN_OR_RETURN(value,
                           WithFloatsAs(outputs[i], graph.value(node.outputs[i]).type.dtype));
  }
  return OkStatus();
}

Result<std::vector<RuntimeValue>> StagedRunner::RunBody(const Graph& body,
                                                        std::vector<RuntimeValue> inputs,
                                                        std::vector<RuntimeValue> captures,
                                                        bool widen) {
  std::ranges::move(captures, std::back_inserter(inputs));
  if (widen) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const ValueId id =
          i < body.inputs.size() ? body.inputs[i] : body.captures[i - body.inputs.size()].first;
      ASSAY_ASSIGN_OR_RETURN(inputs[i], WithFloatsAs(inputs[i], body.value(id).type.dtype));
    }
  }
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs, bodies_.at(&body)->RunValues(inputs));
  if (!widen) return outputs;
  for (RuntimeValue& output : outputs) {
    ASSAY_ASSIGN_OR_RETURN(output, WithFloatsAs(output, DType::kFloat64));
  }
  return outputs;
}

Status StagedRunner::RunRest(std::vector<StepTiming>* timings) {
  if (rest_ == nullptr) return OkStatus();
  const GraphPart& part = program_->split.rest;
  std::vector<RuntimeValue> inputs;
  for (ValueId id : part.inputs) inputs.push_back(ValueOf(id));
  std::vector<StepTiming> own;
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                         rest_->RunValues(inputs, timings == nullptr ? nullptr : &own));
  if (timings != nullptr) timings->insert(timings->end(), own.begin(), own.end());
  for (size_t i = 0; i < outputs.size(); ++i) {
    values_[static_cast<size_t>(part.outputs[i])] = std::move(outputs[i]);
  }
  return OkStatus();
}

void StagedRunner::AppendExecutedSteps(std::vector<ExecutedStep>& steps) const {
  if (program_->plan != nullptr) AppendSteps(*program_->plan, steps);
  const Graph& graph = *program_->graph;
  for (NodeId id : program_->split.boxed) {
    const Node& node = graph.node(id);
    const bool floats = std::ranges::any_of(node.outputs, [&](ValueId output) {
      return output != kNoValue && IsFloating(graph.value(output).type.dtype);
    });
    steps.push_back({TacticOf(id), node.op, node.origins, TacticOf(id) == kPortableName, floats});
    for (const auto& body : BodiesOf(node)) {
      const std::vector<ExecutedStep> inside = bodies_.at(body.get())->ExecutedSteps();
      steps.insert(steps.end(), inside.begin(), inside.end());
    }
  }
  if (rest_ == nullptr) return;
  const std::vector<ExecutedStep> behind = rest_->ExecutedSteps();
  steps.insert(steps.end(), behind.begin(), behind.end());
}

size_t StagedRunner::arena_bytes() const {
  size_t bytes = program_->plan == nullptr ? 0 : program_->plan->arena_bytes;
  for (const auto& [body, context] : bodies_) bytes += context->arena_bytes();
  return bytes + (rest_ == nullptr ? 0 : rest_->arena_bytes());
}

}  // namespace assay
