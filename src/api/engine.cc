#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "api/handles.h"
#include "base/thread_count.h"
#include "onnx/import.h"

namespace assay {
namespace {

std::vector<Port> PortsOf(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<Port> ports;
  for (const ValueId id : ids) {
    const Value& value = graph.value(id);
    Port port;
    port.name = value.name.c_str();
    port.type = static_cast<assay_element_type>(value.type.dtype);
    if (value.type.shape) {
      port.rank = static_cast<int>(value.type.shape->size());
      for (const Dim& dim : *value.type.shape) {
        port.shape.push_back(dim.IsKnown() ? dim.value() : -1);
      }
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

// One that says that nothing is known, for an engine or an index that is not there.
const Port& PortAt(const assay_engine* engine, std::vector<Port> assay_engine::*ports,
                   size_t index) {
  static const Port nothing;
  return engine != nullptr && index < (engine->*ports).size() ? (engine->*ports)[index] : nothing;
}
const int64_t* ShapeOf(const Port& port) { return port.rank < 0 ? nullptr : port.shape.data(); }

Status ProfileFor(const Graph& graph, const assay_options& options, ShapeProfile* profile) {
  if (options.profile.empty()) return OkStatus();
  for (const auto& [name, range] : options.profile) {
    const ValueId id = graph.FindValue(name);
    if (std::ranges::find(graph.inputs, id) == graph.inputs.end()) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile: the model has no input \"{}\"", name));
    }
  }
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    std::optional<ShapeRange> found;
    for (const auto& [name, range] : options.profile) {
      if (name == value.name) found = range;
    }
    if (!found) found = FixedRangeOf(value.type);
    if (!found) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile: input \"{}\" of unknown shape has none", value.name));
    }
    profile->push_back(*found);
  }
  return OkStatus();
}

Result<std::shared_ptr<ThreadPool>> StartThreads(int count) {
  try {
    return std::make_shared<ThreadPool>(count);
  } catch (const std::system_error& error) {
    return Status(StatusCode::kResourceLimit,
                  fmt::format("cannot start {} threads: {}", count, error.what()));
  }
}

Status Load(const std::filesystem::path& path, const assay_options& options, assay_engine* engine) {
  EngineOptions engine_options;
  engine_options.disabled_passes = options.disabled_passes;
  engine_options.cached_plans = options.plan_cache;
  ASSAY_ASSIGN_OR_RETURN(engine_options.threads, StartThreads(options.threads));
  if (Engine::IsEngineFile(path)) {
    ASSAY_ASSIGN_OR_RETURN(engine->engine, Engine::Load(path, engine_options));
  } else {
    ASSAY_ASSIGN_OR_RETURN(Model model, LoadModel(path));
    ASSAY_RETURN_IF_ERROR(ProfileFor(model.graph, options, &engine_options.profile));
    ASSAY_ASSIGN_OR_RETURN(
        engine->engine,
        Engine::Build(std::make_shared<const Model>(std::move(model)), engine_options));
  }
  const Graph& graph = engine->engine->graph();
  engine->inputs = PortsOf(graph, graph.inputs);
  engine->outputs = PortsOf(graph, graph.outputs);
  return OkStatus();
}

}  // namespace
}  // namespace assay

using assay::Guard;
using assay::OkStatus;
using assay::Status;
using assay::StatusCode;

const char* assay_version(void) { return ASSAY_VERSION; }

assay_options* assay_options_create(void) { return new (std::nothrow) assay_options(); }
void assay_options_free(assay_options* options) { delete options; }
assay_status* assay_options_set_threads(assay_options* options, int threads) {
  return Guard({{"options", options}}, [&]() -> Status {
    if (threads < 0 || threads > assay::kMostThreads) {
      return Status(StatusCode::kUsage, fmt::format("argument threads: expected 0 to {}, got {}",
                                                    assay::kMostThreads, threads));
    }
    options->threads = threads;
    return OkStatus();
  });
}
assay_status* assay_options_set_plan_cache(assay_options* options, size_t plans) {
  return Guard({{"options", options}}, [&]() -> Status {
    if (plans == 0) {
      return Status(StatusCode::kUsage, "argument plans: expected at least 1, got 0");
    }
    options->plan_cache = plans;
    return OkStatus();
  });
}
assay_status* assay_options_set_profile(assay_options* options, const char* input,
                                        const int64_t* min, const int64_t* opt, const int64_t* max,
                                        int rank) {
  const bool has_extents = rank > 0;
  return Guard(
      {{"options", options},
       {"input", input},
       {"min", min, has_extents},
       {"opt", opt, has_extents},
       {"max", max, has_extents}},
      [&]() -> Status {
        if (rank < 0) {
          return Status(
              StatusCode::kUsage,
              fmt::format("argument rank: expected at least 0, got {} (profile of \"{}\")", rank,
                          input));
        }
        const auto shape = [&](const int64_t* extents) {
          return assay::Shape(std::vector<int64_t>(extents, extents + rank));
        };
        options->profile.emplace_back(input, assay::ShapeRange{shape(min), shape(opt), shape(max)});
        return OkStatus();
      });
}
assay_status* assay_options_disable_pass(assay_options* options, const char* pass) {
  return Guard({{"options", options}, {"pass", pass}}, [&] {
    options->disabled_passes.emplace_back(pass);
    return OkStatus();
  });
}

assay_status* assay_load(const char* path, const assay_options* options, assay_engine** engine) {
  return Guard({{"engine", engine}, {"path", path}}, [&]() -> Status {
    *engine = nullptr;
    auto loaded = std::make_unique<assay_engine>();
    ASSAY_RETURN_IF_ERROR(
        assay::Load(path, options == nullptr ? assay_options() : *options, loaded.get()));
    *engine = loaded.release();
    return OkStatus();
  });
}
assay_status* assay_save(assay_engine* engine, const char* path) {
  return Guard({{"engine", engine}, {"path", path}}, [&] { return engine->engine->Save(path); });
}
void assay_engine_free(assay_engine* engine) { delete engine; }

size_t assay_input_count(const assay_engine* engine) {
  return engine == nullptr ? 0 : engine->inputs.size();
}
size_t assay_output_count(const assay_engine* engine) {
  return engine == nullptr ? 0 : engine->outputs.size();
}
const char* assay_input_name(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::inputs, index).name;
}
const char* assay_output_name(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::outputs, index).name;
}
assay_element_type assay_input_type(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::inputs, index).type;
}
assay_element_type assay_output_type(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::outputs, index).type;
}
int assay_input_rank(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::inputs, index).rank;
}
int assay_output_rank(const assay_engine* engine, size_t index) {
  return assay::PortAt(engine, &assay_engine::outputs, index).rank;
}
const int64_t* assay_input_shape(const assay_engine* engine, size_t index) {
  return assay::ShapeOf(assay::PortAt(engine, &assay_engine::inputs, index));
}
const int64_t* assay_output_shape(const assay_engine* engine, size_t index) {
  return assay::ShapeOf(assay::PortAt(engine, &assay_engine::outputs, index));
}
