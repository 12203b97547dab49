#include "runtime/plan_runner.h"

#include <algorithm>
#include <chrono>

namespace assay {

Status PlanRunner::Prepare(std::shared_ptr<const Plan> plan, const PackedWeights& packed,
                           ThreadPool& threads) {
  threads_ = &threads;
  if (plan == plan_) return OkStatus();
  plan_ = nullptr;
  if (arena_.size() < plan->arena_bytes) {
    ASSAY_ASSIGN_OR_RETURN(arena_, AlignedBytes::Allocate(plan->arena_bytes));
  }
  calls_.clear();
  inputs_.clear();
  outputs_.clear();
  bound_inputs_.clear();
  bound_outputs_.clear();
  for (const Step& step : plan->steps) AddCall(*plan, step, packed);
  plan_ = std::move(plan);
  return OkStatus();
}

void PlanRunner::AddCall(const Plan& of, const Step& step, const PackedWeights& packed) {
  PlannedCall call;
  call.first_input = inputs_.size();
  call.first_output = outputs_.size();
  if (!step.packed_key.empty()) call.packed = packed.Find(step.packed_key).data();
  if (step.workspace.kind == Location::Kind::kArena) {
    call.workspace = arena_.data() + step.workspace.offset;
  }
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const Location& at = step.inputs[i];
    const bool is_packed = std::ranges::find(step.preparation.packed_inputs, static_cast<int>(i)) !=
                           step.preparation.packed_inputs.end();
    if (at.kind == Location::Kind::kInput || at.kind == Location::Kind::kOutput) {
      bound_inputs_.push_back({inputs_.size(), at.index, at.kind == Location::Kind::kOutput});
    }
    inputs_.push_back(is_packed ? nullptr : FixedAddress(of, at));
  }
  for (const Location& at : step.outputs) {
    if (at.kind == Location::Kind::kOutput) bound_outputs_.push_back({outputs_.size(), at.index});
    outputs_.push_back(const_cast<void*>(FixedAddress(of, at)));
  }
  calls_.push_back(call);
}

// nullptr for what the caller binds.
const void* PlanRunner::FixedAddress(const Plan& of, const Location& at) const {
  if (at.kind == Location::Kind::kConstant) return of.graph->values[at.index].constant->raw();
  if (at.kind == Location::Kind::kArena) return arena_.data() + at.offset;
  return nullptr;
}

void PlanRunner::Bind(std::span<const Tensor> inputs, std::span<Tensor> outputs) {
  for (const BoundOperand& operand : bound_inputs_) {
    inputs_[operand.slot] =
        operand.from_output ? outputs[operand.index].raw() : inputs[operand.index].raw();
  }
  for (const BoundOperand& operand : bound_outputs_) {
    outputs_[operand.slot] = outputs[operand.index].mutable_raw();
  }
}

Status PlanRunner::RunStep(size_t index) {
  const Step& step = plan_->steps[index];
  Call call;
  call.state = step.preparation.state.get();
  call.inputs = std::span(inputs_.data() + calls_[index].first_input, step.inputs.size());
  call.outputs = std::span(outputs_.data() + calls_[index].first_output, step.outputs.size());
  call.packed = calls_[index].packed;
  call.workspace = calls_[index].workspace;
  call.threads = threads_;
  const Status status = step.tactic->run(call);
  return status.ok() ? status : status.WithContext(plan_->graph->NodeLabel(step.node));
}

Status PlanRunner::Run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
                       std::vector<StepTiming>* timings, const Monitor& monitor) {
  Bind(inputs, outputs);
  for (size_t i = 0; i < plan_->steps.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(monitor.Check());
    if (timings == nullptr) {
      ASSAY_RETURN_IF_ERROR(RunStep(i));
      continue;
    }
    const auto start = std::chrono::steady_clock::now();
    ASSAY_RETURN_IF_ERROR(RunStep(i));
    const Step& step = plan_->steps[i];
    timings->push_back(
        {step.tactic->name, step.origins,
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  }
  return OkStatus();
}

}  // namespace assay
