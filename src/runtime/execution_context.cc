#include "runtime/execution_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/aligned_bytes.h"

namespace assay {
namespace {

Status CheckBound(const Graph& graph, ValueId id, const Tensor& tensor, std::string_view what) {
  const Value& value = graph.value(id);
  if (tensor.dtype() != value.type.dtype) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("element type of {} \"{}\": expected {}, got {}", what, value.name,
                              DTypeName(value.type.dtype), DTypeName(tensor.dtype())));
  }
  const std::optional<SymbolicShape>& shape = value.type.shape;
  if (!FitsDeclared(shape, tensor.shape())) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of {} \"{}\": expected {}, got {}", what, value.name,
                              ToString(*shape), tensor.shape().ToString()));
  }
  return OkStatus();
}

bool Overlap(const Tensor& a, const Tensor& b) {
  const auto begin = [](const Tensor& of) {
    return reinterpret_cast<uintptr_t>(of.bytes().data());
  };
  return a.byte_size() > 0 && b.byte_size() > 0 && begin(a) < begin(b) + b.byte_size() &&
         begin(b) < begin(a) + a.byte_size();
}

// Outputs are written while inputs and other outputs are still read.
Status CheckApart(const Graph& graph, std::span<const Tensor> inputs,
                  std::span<const Tensor> outputs) {
  const auto overlap = [&](size_t output, std::string_view what, ValueId other) {
    return Status(
        StatusCode::kUsage,
        fmt::format("memory of output \"{}\" overlaps that of {} \"{}\"",
                    graph.value(graph.outputs[output]).name, what, graph.value(other).name));
  };
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].valid()) continue;
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (Overlap(outputs[i], inputs[k])) return overlap(i, "input", graph.inputs[k]);
    }
    for (size_t k = 0; k < i; ++k) {
      if (outputs[k].valid() && Overlap(outputs[i], outputs[k])) {
        return overlap(i, "output", graph.outputs[k]);
      }
    }
  }
  return OkStatus();
}

}  // namespace

struct ExecutionContext::Impl {
  // An operand whose address changes from run to run.
  struct BoundOperand {
    size_t slot = 0;  // in `inputs` or `outputs`
    size_t index = 0;
    bool from_output = false;  // an input of a step that is an output of the model
  };
  struct PlannedCall {
    size_t first_input = 0;
    size_t first_output = 0;
    const std::byte* packed = nullptr;
    std::byte* workspace = nullptr;
  };

  std::shared_ptr<Engine> engine;
  std::shared_ptr<const Plan> plan;
  std::vector<Shape> shapes;
  AlignedBytes arena;
  std::vector<PlannedCall> calls;   // per step
  std::vector<const void*> inputs;  // of all steps, one after the other
  std::vector<void*> outputs;
  std::vector<BoundOperand> bound_inputs;
  std::vector<BoundOperand> bound_outputs;

  bool HasPlanFor(std::span<const Tensor> bound) const {
    if (plan == nullptr || shapes.size() != bound.size()) return false;
    for (size_t i = 0; i < bound.size(); ++i) {
      if (shapes[i] != bound[i].shape()) return false;
    }
    return true;
  }

  Status Prepare(std::span<const Tensor> bound) {
    if (HasPlanFor(bound)) return OkStatus();
    plan = nullptr;
    shapes.clear();
    for (const Tensor& tensor : bound) shapes.push_back(tensor.shape());
    ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Plan> next, engine->PlanFor(shapes));
    if (arena.size() < next->arena_bytes) {
      ASSAY_ASSIGN_OR_RETURN(arena, AlignedBytes::Allocate(next->arena_bytes));
    }
    calls.clear();
    inputs.clear();
    outputs.clear();
    bound_inputs.clear();
    bound_outputs.clear();
    for (const Step& step : next->steps) AddCall(*next, step);
    plan = next;
    return OkStatus();
  }

  void AddCall(const Plan& of, const Step& step) {
    PlannedCall call;
    call.first_input = inputs.size();
    call.first_output = outputs.size();
    if (!step.packed_key.empty()) call.packed = engine->packed().Find(step.packed_key).data();
    if (step.workspace.kind == Location::Kind::kArena) {
      call.workspace = arena.data() + step.workspace.offset;
    }
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      const Location& at = step.inputs[i];
      const bool is_packed =
          std::ranges::find(step.preparation.packed_inputs, static_cast<int>(i)) !=
          step.preparation.packed_inputs.end();
      if (at.kind == Location::Kind::kInput || at.kind == Location::Kind::kOutput) {
        bound_inputs.push_back({inputs.size(), at.index, at.kind == Location::Kind::kOutput});
      }
      inputs.push_back(is_packed ? nullptr : FixedAddress(of, at));
    }
    for (const Location& at : step.outputs) {
      if (at.kind == Location::Kind::kOutput) bound_outputs.push_back({outputs.size(), at.index});
      outputs.push_back(const_cast<void*>(FixedAddress(of, at)));
    }
    calls.push_back(call);
  }

  // nullptr for what the caller binds.
  const void* FixedAddress(const Plan& of, const Location& at) const {
    if (at.kind == Location::Kind::kConstant) return of.graph->values[at.index].constant->raw();
    if (at.kind == Location::Kind::kArena) return arena.data() + at.offset;
    return nullptr;
  }

  void Bind(std::span<const Tensor> model_inputs, std::span<Tensor> model_outputs) {
    for (const BoundOperand& operand : bound_inputs) {
      inputs[operand.slot] = operand.from_output ? model_outputs[operand.index].raw()
                                                 : model_inputs[operand.index].raw();
    }
    for (const BoundOperand& operand : bound_outputs) {
      outputs[operand.slot] = model_outputs[operand.index].mutable_raw();
    }
  }

  Status RunStep(size_t index) {
    const Step& step = plan->steps[index];
    Call call;
    call.state = step.preparation.state.get();
    call.inputs = std::span(inputs.data() + calls[index].first_input, step.inputs.size());
    call.outputs = std::span(outputs.data() + calls[index].first_output, step.outputs.size());
    call.packed = calls[index].packed;
    call.workspace = calls[index].workspace;
    call.threads = &engine->threads();
    const Status status = step.tactic->run(call);
    return status.ok() ? status : status.WithContext(plan->graph->NodeLabel(step.node));
  }
};

ExecutionContext::ExecutionContext(std::shared_ptr<Engine> engine)
    : impl_(std::make_unique<Impl>()) {
  impl_->engine = std::move(engine);
}
ExecutionContext::~ExecutionContext() = default;

const std::shared_ptr<const Plan>& ExecutionContext::plan() const { return impl_->plan; }

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
  ASSAY_RETURN_IF_ERROR(CheckApart(model, inputs, outputs));
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
  impl_->Bind(inputs, outputs);
  if (timings != nullptr) timings->clear();
  for (size_t step = 0; step < plan.steps.size(); ++step) {
    if (timings == nullptr) {
      ASSAY_RETURN_IF_ERROR(impl_->RunStep(step));
      continue;
    }
    const auto start = std::chrono::steady_clock::now();
    ASSAY_RETURN_IF_ERROR(impl_->RunStep(step));
    timings->push_back(
        {static_cast<int>(step),
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  }
  return OkStatus();
}

}  // namespace assay
