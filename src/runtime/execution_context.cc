#include "runtime/execution_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ops/op_def.h"
#include "runtime/plan_runner.h"
#include "runtime/program.h"
#include "runtime/staged_runner.h"
#include "tactics/cpu/portable.h"

namespace assay {
namespace {

Status CheckBound(const Graph& graph, ValueId id, const Tensor& tensor, std::string_view what) {
  const Value& value = graph.value(id);
  if (value.type.kind != ValueType::Kind::kTensor) {
    return Status(StatusCode::kUnsupported, fmt::format("{} \"{}\": expected a tensor, it is {}",
                                                        what, value.name, value.type.ToString()));
  }
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

Status CheckKind(const Value& value, const RuntimeValue& given) {
  const ValueType::Kind kind = value.type.kind;
  if (given.valid() && (kind == ValueType::Kind::kOptional ||
                        (kind == ValueType::Kind::kTensor && given.is_tensor()) ||
                        (kind == ValueType::Kind::kSequence && given.is_sequence()))) {
    return OkStatus();
  }
  return Status(StatusCode::kInvalidInput,
                fmt::format("input \"{}\": expected {}, got another kind", value.name,
                            value.type.ToString()));
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

// Copies a result to the memory that the caller bound for it.
Status Deliver(const Graph& graph, ValueId id, const RuntimeValue& value, Tensor& bound) {
  if (!value.is_tensor()) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("output \"{}\": expected a tensor, it is {}", graph.value(id).name,
                              graph.value(id).type.ToString()));
  }
  const Tensor& tensor = value.tensor();
  if (!bound.valid()) {
    bound = tensor;
    return OkStatus();
  }
  if (bound.shape() != tensor.shape() || bound.dtype() != tensor.dtype()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of output \"{}\": expected {}, got {}", graph.value(id).name,
                              tensor.shape().ToString(), bound.shape().ToString()));
  }
  if (tensor.dtype() == DType::kString) {
    std::ranges::copy(tensor.data<std::string>(), bound.mutable_data<std::string>().begin());
  } else if (tensor.byte_size() > 0) {
    std::memcpy(bound.mutable_raw(), tensor.raw(), tensor.byte_size());
  }
  return OkStatus();
}

}  // namespace

struct ExecutionContext::Impl {
  std::shared_ptr<Engine> engine;
  Monitor monitor;
  std::shared_ptr<const Program> program;
  std::vector<Shape> shapes;  // that the program is for
  PlanRunner runner;          // of a whole plan
  std::unique_ptr<StagedRunner> staged;

  // `shape_of(i)` is the shape of input i, one without axes if it is no tensor.
  template <typename ShapeOf>
  Status Prepare(size_t count, ShapeOf shape_of) {
    bool is_same = program != nullptr && shapes.size() == count;
    for (size_t i = 0; is_same && i < count; ++i) is_same = shapes[i] == shape_of(i);
    if (is_same) return OkStatus();
    program = nullptr;
    staged = nullptr;
    shapes.clear();
    for (size_t i = 0; i < count; ++i) shapes.push_back(shape_of(i));
    ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Program> next, engine->ProgramFor(shapes));
    if (next->is_whole) {
      ASSAY_RETURN_IF_ERROR(runner.Prepare(next->plan, engine->packed(), engine->threads()));
    } else {
      staged = std::make_unique<StagedRunner>(next, engine, monitor);
    }
    program = next;
    return OkStatus();
  }

  Status RunWhole(std::span<const Tensor> inputs, std::span<Tensor> outputs,
                  std::vector<StepTiming>* timings) {
    const Graph& graph = *program->plan->graph;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const ValueId id = graph.outputs[i];
      if (outputs[i].valid()) {
        ASSAY_RETURN_IF_ERROR(CheckBound(graph, id, outputs[i], "output"));
        continue;
      }
      const ValueType& type = graph.value(id).type;
      ASSAY_ASSIGN_OR_RETURN(outputs[i], Tensor::TryAllocate(type.dtype, *ToConcrete(*type.shape)));
    }
    return runner.Run(inputs, outputs, timings, monitor);
  }

  Status RunStaged(std::span<const Tensor> inputs, std::span<Tensor> outputs,
                   std::vector<StepTiming>* timings) {
    const std::vector<RuntimeValue> values(inputs.begin(), inputs.end());
    ASSAY_ASSIGN_OR_RETURN(const std::vector<RuntimeValue> results, staged->Run(values, timings));
    const Graph& graph = engine->graph();
    for (size_t i = 0; i < outputs.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(Deliver(graph, graph.outputs[i], results[i], outputs[i]));
    }
    return OkStatus();
  }
};

ExecutionContext::ExecutionContext(std::shared_ptr<Engine> engine, Monitor monitor)
    : impl_(std::make_unique<Impl>()) {
  impl_->engine = std::move(engine);
  impl_->monitor = std::move(monitor);
}
ExecutionContext::~ExecutionContext() = default;

const std::shared_ptr<const Plan>& ExecutionContext::plan() const {
  static const std::shared_ptr<const Plan> none;
  return impl_->program != nullptr && impl_->program->is_whole ? impl_->program->plan : none;
}

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
  ASSAY_RETURN_IF_ERROR(
      impl_->Prepare(inputs.size(), [&](size_t i) -> const Shape& { return inputs[i].shape(); }));
  if (timings != nullptr) timings->clear();
  return impl_->program->is_whole ? impl_->RunWhole(inputs, outputs, timings)
                                  : impl_->RunStaged(inputs, outputs, timings);
}

Result<std::vector<RuntimeValue>> ExecutionContext::RunValues(std::span<const RuntimeValue> inputs,
                                                              std::vector<StepTiming>* timings) {
  const Graph& model = impl_->engine->graph();
  if (inputs.size() != model.inputs.size()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("inputs: expected {}, got {}", model.inputs.size(), inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(CheckKind(model.value(model.inputs[i]), inputs[i]));
    if (model.value(model.inputs[i]).type.kind != ValueType::Kind::kTensor) continue;
    ASSAY_RETURN_IF_ERROR(CheckBound(model, model.inputs[i], inputs[i].tensor(), "input"));
  }
  static const Shape no_axes;
  ASSAY_RETURN_IF_ERROR(impl_->Prepare(inputs.size(), [&](size_t i) -> const Shape& {
    const bool is_tensor = model.value(model.inputs[i]).type.kind == ValueType::Kind::kTensor;
    return is_tensor ? inputs[i].tensor().shape() : no_axes;
  }));
  if (timings != nullptr) timings->clear();
  if (!impl_->program->is_whole) return impl_->staged->Run(inputs, timings);
  std::vector<Tensor> tensors;
  for (const RuntimeValue& input : inputs) tensors.push_back(input.tensor());
  std::vector<Tensor> outputs(model.outputs.size());
  ASSAY_RETURN_IF_ERROR(impl_->RunWhole(tensors, outputs, timings));
  return std::vector<RuntimeValue>(outputs.begin(), outputs.end());
}

std::vector<ExecutedStep> ExecutionContext::ExecutedSteps() const {
  std::vector<ExecutedStep> steps;
  if (impl_->staged != nullptr) {
    impl_->staged->AppendExecutedSteps(steps);
  } else if (plan() != nullptr) {
    AppendSteps(*plan(), steps);
  }
  return steps;
}

size_t ExecutionContext::arena_bytes() const {
  if (impl_->staged != nullptr) return impl_->staged->arena_bytes();
  return plan() == nullptr ? 0 : plan()->arena_bytes;
}

void AppendSteps(const Plan& plan, std::vector<ExecutedStep>& steps) {
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph->node(step.node);
    const bool floats = std::ranges::any_of(node.outputs, [&](ValueId id) {
      return id != kNoValue && IsFloating(plan.graph->value(id).type.dtype);
    });
    steps.push_back(
        {step.tactic->name, node.op, step.origins, RunsReferenceKernel(*step.tactic), floats});
  }
}

}  // namespace assay
