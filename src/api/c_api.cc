#include "assay/c_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "onnx/import.h"
#include "runtime/execution_context.h"

struct assay_status {
  assay::Status status;
};

struct assay_options {
  int threads = 0;
  std::vector<std::pair<std::string, assay::ShapeRange>> profile;
  std::vector<std::string> disabled_passes;
};

namespace {

struct Port {
  std::string name;
  assay_element_type type = ASSAY_UNDEFINED;
  int rank = -1;
  std::vector<int64_t> shape;
};

}  // namespace

struct assay_engine {
  std::shared_ptr<assay::Engine> engine;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
};

struct assay_context {
  std::shared_ptr<assay::Engine> engine;
  std::vector<Port> input_ports;
  std::vector<Port> output_ports;
  assay::ExecutionContext context;
  std::vector<assay::Tensor> inputs;
  std::vector<assay::Tensor> bound_outputs;  // invalid: not bound
  std::vector<assay::Tensor> results;
  std::vector<std::vector<int64_t>> result_shapes;
  std::vector<assay::Shape> last_shapes;  // of the inputs of the last run
};

namespace {

using assay::Status;
using assay::StatusCode;

assay_status* Return(Status status) {
  return status.ok() ? nullptr : new (std::nothrow) assay_status{std::move(status)};
}

// Runs what may throw for want of memory.
template <typename Function>
assay_status* Guard(Function function) {
  try {
    return Return(function());
  } catch (const std::bad_alloc&) {
    return Return(Status(StatusCode::kResourceLimit, "not enough memory"));
  }
}

std::vector<Port> PortsOf(const assay::Graph& graph, const std::vector<assay::ValueId>& ids) {
  std::vector<Port> ports;
  for (const assay::ValueId id : ids) {
    const assay::Value& value = graph.value(id);
    Port port;
    port.name = value.name;
    port.type = static_cast<assay_element_type>(value.type.dtype);
    if (value.type.shape) {
      port.rank = static_cast<int>(value.type.shape->size());
      for (const assay::Dim& dim : *value.type.shape) {
        port.shape.push_back(dim.IsKnown() ? dim.value() : -1);
      }
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

Status ProfileFor(const assay::Graph& graph, const assay_options& options,
                  assay::ShapeProfile* profile) {
  if (options.profile.empty()) return assay::OkStatus();
  for (const auto& [name, range] : options.profile) {
    const assay::ValueId id = graph.FindValue(name);
    if (std::ranges::find(graph.inputs, id) == graph.inputs.end()) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile: the model has no input \"{}\"", name));
    }
  }
  for (const assay::ValueId id : graph.inputs) {
    const assay::Value& value = graph.value(id);
    std::optional<assay::ShapeRange> found;
    for (const auto& [name, range] : options.profile) {
      if (name == value.name) found = range;
    }
    const std::optional<assay::Shape> fixed =
        value.type.shape ? assay::ToConcrete(*value.type.shape) : std::nullopt;
    if (!found && fixed) found = assay::ShapeRange{*fixed, *fixed, *fixed};
    if (!found) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile: input \"{}\" of unknown shape has none", value.name));
    }
    profile->push_back(*found);
  }
  return assay::OkStatus();
}

Status Load(const std::filesystem::path& path, const assay_options& options, assay_engine* engine) {
  assay::EngineOptions engine_options;
  engine_options.threads = std::make_shared<assay::ThreadPool>(options.threads);
  engine_options.disabled_passes = options.disabled_passes;
  if (assay::Engine::IsEngineFile(path)) {
    ASSAY_ASSIGN_OR_RETURN(engine->engine, assay::Engine::Load(path, engine_options));
  } else {
    ASSAY_ASSIGN_OR_RETURN(assay::Model model, assay::LoadModel(path));
    ASSAY_RETURN_IF_ERROR(ProfileFor(model.graph, options, &engine_options.profile));
    ASSAY_ASSIGN_OR_RETURN(
        engine->engine, assay::Engine::Build(std::make_shared<const assay::Model>(std::move(model)),
                                             engine_options));
  }
  const assay::Graph& graph = engine->engine->graph();
  engine->inputs = PortsOf(graph, graph.inputs);
  engine->outputs = PortsOf(graph, graph.outputs);
  return assay::OkStatus();
}

// A view of the caller's memory.
assay::Result<assay::Tensor> ViewOf(const std::vector<Port>& ports, size_t index,
                                    assay_element_type type, const int64_t* shape, int rank,
                                    const void* data) {
  if (index >= ports.size()) {
    return Status(
        StatusCode::kUsage,
        fmt::format("index of a bound tensor: expected less than {}, got {}", ports.size(), index));
  }
  const Port& port = ports[index];
  if (type != port.type) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("element type of \"{}\": expected {}, got {}", port.name,
                              assay::DTypeName(static_cast<assay::DType>(port.type)),
                              assay::DTypeName(static_cast<assay::DType>(type))));
  }
  if (rank < 0 || (rank > 0 && shape == nullptr)) {
    return Status(StatusCode::kUsage, fmt::format("shape of \"{}\": there is none", port.name));
  }
  assay::Shape extents(std::vector<int64_t>(shape, shape + rank));
  const std::optional<int64_t> elements = extents.CheckedElements();
  if (!elements) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("shape of \"{}\": {} is impossible", port.name, extents.ToString()));
  }
  if (data == nullptr && *elements > 0) {
    return Status(StatusCode::kUsage, fmt::format("memory of \"{}\": there is none", port.name));
  }
  const auto dtype = static_cast<assay::DType>(type);
  const size_t alignment = assay::Tensor::ByteSize(dtype, 1);
  if (alignment > 0 && reinterpret_cast<uintptr_t>(data) % alignment != 0) {
    return Status(StatusCode::kUsage, fmt::format("memory of \"{}\": expected an address that is a "
                                                  "multiple of {}",
                                                  port.name, alignment));
  }
  alignas(8) static const char nothing[8] = {};
  return assay::Tensor::View(dtype, std::move(extents), data == nullptr ? nothing : data, nullptr);
}

Status Run(assay_context& context) {
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.inputs[i].valid()) continue;
    const assay::Graph& graph = context.engine->graph();
    return Status(StatusCode::kUsage,
                  fmt::format("input \"{}\" is not bound", graph.value(graph.inputs[i]).name));
  }
  // Memory of the context is used again for the same shapes.
  std::vector<assay::Shape> shapes;
  for (const assay::Tensor& input : context.inputs) shapes.push_back(input.shape());
  for (size_t i = 0; i < context.results.size(); ++i) {
    const bool is_bound = context.bound_outputs[i].valid();
    if (is_bound || shapes != context.last_shapes) context.results[i] = context.bound_outputs[i];
  }
  context.last_shapes.clear();
  ASSAY_RETURN_IF_ERROR(context.context.Run(context.inputs, context.results));
  for (size_t i = 0; i < context.results.size(); ++i) {
    const assay::Shape& shape = context.results[i].shape();
    context.result_shapes[i].assign(shape.begin(), shape.end());
  }
  context.last_shapes = std::move(shapes);
  return assay::OkStatus();
}

}  // namespace

const char* assay_version(void) { return ASSAY_VERSION; }

assay_code assay_status_code(const assay_status* status) {
  return status == nullptr ? ASSAY_OK : static_cast<assay_code>(status->status.code());
}
const char* assay_status_message(const assay_status* status) {
  return status == nullptr ? "" : status->status.message().c_str();
}
const char* assay_status_hint(const assay_status* status) {
  return status == nullptr ? "" : status->status.hint().c_str();
}
void assay_status_free(assay_status* status) { delete status; }

assay_options* assay_options_create(void) { return new (std::nothrow) assay_options(); }
void assay_options_free(assay_options* options) { delete options; }
void assay_options_set_threads(assay_options* options, int threads) { options->threads = threads; }
assay_status* assay_options_set_profile(assay_options* options, const char* input,
                                        const int64_t* min, const int64_t* opt, const int64_t* max,
                                        int rank) {
  return Guard([&]() -> Status {
    if (rank < 0 || (rank > 0 && (min == nullptr || opt == nullptr || max == nullptr))) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile of \"{}\": expected three shapes of one rank", input));
    }
    const auto shape = [&](const int64_t* extents) {
      return assay::Shape(std::vector<int64_t>(extents, extents + rank));
    };
    options->profile.emplace_back(input, assay::ShapeRange{shape(min), shape(opt), shape(max)});
    return assay::OkStatus();
  });
}
void assay_options_disable_pass(assay_options* options, const char* pass) {
  options->disabled_passes.emplace_back(pass);
}

assay_status* assay_load(const char* path, const assay_options* options, assay_engine** engine) {
  return Guard([&]() -> Status {
    *engine = nullptr;
    auto loaded = std::make_unique<assay_engine>();
    ASSAY_RETURN_IF_ERROR(
        Load(path, options == nullptr ? assay_options() : *options, loaded.get()));
    *engine = loaded.release();
    return assay::OkStatus();
  });
}
assay_status* assay_save(assay_engine* engine, const char* path) {
  return Guard([&] { return engine->engine->Save(path); });
}
void assay_engine_free(assay_engine* engine) { delete engine; }

size_t assay_input_count(const assay_engine* engine) { return engine->inputs.size(); }
size_t assay_output_count(const assay_engine* engine) { return engine->outputs.size(); }
const char* assay_input_name(const assay_engine* engine, size_t index) {
  return engine->inputs[index].name.c_str();
}
const char* assay_output_name(const assay_engine* engine, size_t index) {
  return engine->outputs[index].name.c_str();
}
assay_element_type assay_input_type(const assay_engine* engine, size_t index) {
  return engine->inputs[index].type;
}
assay_element_type assay_output_type(const assay_engine* engine, size_t index) {
  return engine->outputs[index].type;
}
int assay_input_rank(const assay_engine* engine, size_t index) {
  return engine->inputs[index].rank;
}
int assay_output_rank(const assay_engine* engine, size_t index) {
  return engine->outputs[index].rank;
}
const int64_t* assay_input_shape(const assay_engine* engine, size_t index) {
  return engine->inputs[index].shape.data();
}
const int64_t* assay_output_shape(const assay_engine* engine, size_t index) {
  return engine->outputs[index].shape.data();
}

assay_status* assay_context_create(assay_engine* engine, assay_context** context) {
  return Guard([&]() -> Status {
    const assay::Graph& graph = engine->engine->graph();
    *context = new assay_context{engine->engine,
                                 engine->inputs,
                                 engine->outputs,
                                 assay::ExecutionContext(engine->engine),
                                 std::vector<assay::Tensor>(graph.inputs.size()),
                                 std::vector<assay::Tensor>(graph.outputs.size()),
                                 std::vector<assay::Tensor>(graph.outputs.size()),
                                 std::vector<std::vector<int64_t>>(graph.outputs.size()),
                                 {}};
    return assay::OkStatus();
  });
}
void assay_context_free(assay_context* context) { delete context; }

assay_status* assay_bind_input(assay_context* context, size_t index, assay_element_type type,
                               const int64_t* shape, int rank, const void* data) {
  return Guard([&]() -> Status {
    ASSAY_ASSIGN_OR_RETURN(assay::Tensor view,
                           ViewOf(context->input_ports, index, type, shape, rank, data));
    context->inputs[index] = std::move(view);
    return assay::OkStatus();
  });
}
assay_status* assay_bind_output(assay_context* context, size_t index, assay_element_type type,
                                const int64_t* shape, int rank, void* data) {
  return Guard([&]() -> Status {
    ASSAY_ASSIGN_OR_RETURN(assay::Tensor view,
                           ViewOf(context->output_ports, index, type, shape, rank, data));
    context->bound_outputs[index] = std::move(view);
    return assay::OkStatus();
  });
}
assay_status* assay_run(assay_context* context) {
  return Guard([&] { return Run(*context); });
}

const void* assay_result_data(const assay_context* context, size_t index) {
  return context->results[index].valid() ? context->results[index].raw() : nullptr;
}
int assay_result_rank(const assay_context* context, size_t index) {
  return static_cast<int>(context->result_shapes[index].size());
}
const int64_t* assay_result_shape(const assay_context* context, size_t index) {
  return context->result_shapes[index].data();
}
