#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "api/handles.h"

assay_context::assay_context(std::shared_ptr<assay::Engine> of)
    : engine(std::move(of)),
      context(engine),
      inputs(engine->graph().inputs.size()),
      bound_outputs(engine->graph().outputs.size()),
      own_outputs(engine->graph().outputs.size()),
      results(engine->graph().outputs.size()),
      last_shapes(inputs.size()) {}

namespace assay {
namespace {

Status CheckIndex(const char* what, size_t index, size_t count) {
  if (index < count) return OkStatus();
  return Status(StatusCode::kUsage,
                fmt::format("index of {}: expected less than {}, got {}", what, count, index));
}

bool IsType(assay_element_type type, DType dtype) {
  return static_cast<int>(type) == static_cast<int>(dtype);
}
// Of a number that a caller made up, too.
std::string_view TypeName(assay_element_type type) {
  const auto number = static_cast<int>(type);
  return number < 0 || number >= kDTypeCount ? "an unknown type"
                                             : DTypeName(static_cast<DType>(number));
}

// A view of the caller's memory for an input or output.
Result<Tensor> ViewOf(const Value& value, assay_element_type type, const int64_t* shape, int rank,
                      const void* data) {
  const DType dtype = value.type.dtype;
  if (!IsType(type, dtype)) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("element type of \"{}\": expected {}, got {}", value.name,
                              DTypeName(dtype), TypeName(type)));
  }
  if (rank < 0 || (rank > 0 && shape == nullptr)) {
    return Status(StatusCode::kUsage, fmt::format("shape of \"{}\": there is none", value.name));
  }
  Shape extents(std::vector<int64_t>(shape, shape + rank));
  const std::optional<int64_t> elements = extents.CheckedElements();
  if (!elements) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of \"{}\": {} is impossible", value.name, extents.ToString()));
  }
  if (!FitsDeclared(value.type.shape, extents)) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of \"{}\": expected {}, got {}", value.name,
                              ToString(*value.type.shape), extents.ToString()));
  }
  if (data == nullptr && *elements > 0) {
    return Status(StatusCode::kUsage, fmt::format("memory of \"{}\": there is none", value.name));
  }
  const size_t alignment = Tensor::ByteSize(dtype, 1);
  if (alignment > 0 && reinterpret_cast<uintptr_t>(data) % alignment != 0) {
    return Status(StatusCode::kUsage, fmt::format("memory of \"{}\": expected an address that is a "
                                                  "multiple of {}",
                                                  value.name, alignment));
  }
  alignas(8) static const char nothing[8] = {};
  return Tensor::View(dtype, std::move(extents), data == nullptr ? nothing : data, nullptr);
}

Status CheckAllBound(const assay_context& context) {
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.inputs[i].valid()) continue;
    const Graph& graph = context.engine->graph();
    return Status(StatusCode::kUsage,
                  fmt::format("input \"{}\" is not bound", graph.value(graph.inputs[i]).name));
  }
  return OkStatus();
}

// Allocates nothing when it runs again with the same shapes.
Status Run(assay_context& context) {
  context.has_results = false;
  context.timings.clear();
  ASSAY_RETURN_IF_ERROR(CheckAllBound(context));
  const bool has_same_shapes =
      context.own_outputs_fit &&
      std::ranges::equal(context.inputs, context.last_shapes, {}, &Tensor::shape);
  for (size_t i = 0; i < context.results.size(); ++i) {
    if (context.bound_outputs[i].valid()) {
      context.results[i] = context.bound_outputs[i];
    } else if (has_same_shapes) {
      context.results[i] = context.own_outputs[i];
    } else {
      context.results[i] = Tensor();
    }
  }
  ASSAY_RETURN_IF_ERROR(context.context.Run(context.inputs, context.results,
                                            context.is_profiled ? &context.timings : nullptr));
  context.own_outputs_fit = false;
  for (size_t i = 0; i < context.results.size(); ++i) {
    if (context.bound_outputs[i].valid()) {
      context.own_outputs[i] = Tensor();
    } else {
      context.own_outputs[i] = context.results[i];
    }
  }
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    context.last_shapes[i] = context.inputs[i].shape();
  }
  context.own_outputs_fit = true;
  context.has_results = true;
  return OkStatus();
}

// nullptr if there is none.
const Tensor* ResultAt(const assay_context* context, size_t index) {
  if (context == nullptr || !context->has_results || index >= context->results.size()) {
    return nullptr;
  }
  return &context->results[index];
}

Status CheckResult(const assay_context& context, size_t index, assay_element_type type) {
  ASSAY_RETURN_IF_ERROR(CheckIndex("an output", index, context.results.size()));
  const Graph& graph = context.engine->graph();
  const std::string& name = graph.value(graph.outputs[index]).name;
  if (!context.has_results) {
    return Status(StatusCode::kUsage,
                  fmt::format("output \"{}\": there was no run, or it failed", name));
  }
  const DType dtype = context.results[index].dtype();
  if (IsType(type, dtype)) return OkStatus();
  return Status(StatusCode::kUsage,
                fmt::format("element type of output \"{}\": it is {}, and was read as {}", name,
                            DTypeName(dtype), TypeName(type)));
}

const StepTiming* TimingAt(const assay_context* context, size_t step) {
  if (context == nullptr || !context->has_results || step >= context->timings.size()) {
    return nullptr;
  }
  return &context->timings[step];
}

}  // namespace
}  // namespace assay

using assay::Guard;
using assay::OkStatus;
using assay::Status;

assay_status* assay_context_create(assay_engine* engine, assay_context** context) {
  return Guard({{"engine", engine}, {"context", context}}, [&] {
    *context = nullptr;
    *context = new assay_context(engine->engine);
    return OkStatus();
  });
}
void assay_context_free(assay_context* context) { delete context; }

assay_status* assay_bind_input(assay_context* context, size_t index, assay_element_type type,
                               const int64_t* shape, int rank, const void* data) {
  return Guard({{"context", context}}, [&]() -> Status {
    ASSAY_RETURN_IF_ERROR(assay::CheckIndex("an input", index, context->inputs.size()));
    const assay::Graph& graph = context->engine->graph();
    ASSAY_ASSIGN_OR_RETURN(context->inputs[index], assay::ViewOf(graph.value(graph.inputs[index]),
                                                                 type, shape, rank, data));
    return OkStatus();
  });
}
assay_status* assay_bind_output(assay_context* context, size_t index, assay_element_type type,
                                const int64_t* shape, int rank, void* data) {
  return Guard({{"context", context}}, [&]() -> Status {
    ASSAY_RETURN_IF_ERROR(assay::CheckIndex("an output", index, context->bound_outputs.size()));
    if (data == nullptr) {
      context->bound_outputs[index] = assay::Tensor();
      return OkStatus();
    }
    const assay::Graph& graph = context->engine->graph();
    ASSAY_ASSIGN_OR_RETURN(
        context->bound_outputs[index],
        assay::ViewOf(graph.value(graph.outputs[index]), type, shape, rank, data));
    return OkStatus();
  });
}
assay_status* assay_run(assay_context* context) {
  return Guard({{"context", context}}, [&] { return assay::Run(*context); });
}

assay_element_type assay_result_type(const assay_context* context, size_t index) {
  const assay::Tensor* result = assay::ResultAt(context, index);
  return result == nullptr ? ASSAY_UNDEFINED : static_cast<assay_element_type>(result->dtype());
}
const void* assay_result_data(const assay_context* context, size_t index) {
  const assay::Tensor* result = assay::ResultAt(context, index);
  return result == nullptr ? nullptr : result->raw();
}
size_t assay_result_bytes(const assay_context* context, size_t index) {
  const assay::Tensor* result = assay::ResultAt(context, index);
  return result == nullptr ? 0 : result->byte_size();
}
int assay_result_rank(const assay_context* context, size_t index) {
  const assay::Tensor* result = assay::ResultAt(context, index);
  return result == nullptr ? -1 : result->shape().rank();
}
const int64_t* assay_result_shape(const assay_context* context, size_t index) {
  const assay::Tensor* result = assay::ResultAt(context, index);
  return result == nullptr ? nullptr : result->shape().dims().data();
}
assay_status* assay_result_check(const assay_context* context, size_t index,
                                 assay_element_type type) {
  return Guard({{"context", context}}, [&] { return assay::CheckResult(*context, index, type); });
}

assay_status* assay_context_set_profiling(assay_context* context, int enabled) {
  return Guard({{"context", context}}, [&] {
    context->is_profiled = enabled != 0;
    return OkStatus();
  });
}
size_t assay_step_count(const assay_context* context) {
  return context == nullptr || !context->has_results ? 0 : context->timings.size();
}
double assay_step_seconds(const assay_context* context, size_t step) {
  const assay::StepTiming* timing = assay::TimingAt(context, step);
  return timing == nullptr ? 0 : timing->seconds;
}
const char* assay_step_tactic(const assay_context* context, size_t step) {
  const assay::StepTiming* found = assay::TimingAt(context, step);
  return found == nullptr ? nullptr : found->tactic.data();  // of a literal: a zero follows
}
size_t assay_step_node_count(const assay_context* context, size_t step) {
  const assay::StepTiming* found = assay::TimingAt(context, step);
  return found == nullptr ? 0 : found->origins.size();
}
const char* assay_step_node(const assay_context* context, size_t step, size_t index) {
  const assay::StepTiming* found = assay::TimingAt(context, step);
  return found == nullptr || index >= found->origins.size() ? nullptr
                                                            : found->origins[index].c_str();
}
