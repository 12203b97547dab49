#pragma once

// What the handles of assay/c_api.h point to, and how its functions report failure.

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assay/c_api.h"
#include "runtime/execution_context.h"

namespace assay {

// An input or output of a model, as the interface shows it.
struct Port {
  const char* name = nullptr;
  assay_element_type type = ASSAY_UNDEFINED;
  int rank = -1;
  std::vector<int64_t> shape;
};

}  // namespace assay

struct assay_status {
  assay::Status status;
};

struct assay_options {
  int threads = 0;
  size_t plan_cache = assay::EngineOptions().cached_plans;
  std::vector<std::pair<std::string, assay::ShapeRange>> profile;
  std::vector<std::string> disabled_passes;
};

struct assay_engine {
  std::shared_ptr<assay::Engine> engine;
  std::vector<assay::Port> inputs;
  std::vector<assay::Port> outputs;
};

struct assay_context {
  explicit assay_context(std::shared_ptr<assay::Engine> of);

  std::shared_ptr<assay::Engine> engine;
  assay::ExecutionContext context;
  std::vector<assay::Tensor> inputs;         // invalid: not bound
  std::vector<assay::Tensor> bound_outputs;  // invalid: not bound
  std::vector<assay::Tensor> own_outputs;    // of the last run, for the same shapes to use again
  std::vector<assay::Tensor> results;
  std::vector<assay::Shape> last_shapes;  // of the inputs of the last run that succeeded
  bool own_outputs_fit = false;           // to last_shapes
  bool has_results = false;               // the last run succeeded
  bool is_profiled = false;
  std::vector<assay::StepTiming> timings;
};

namespace assay {

// An argument that must not be NULL.
struct Argument {
  const char* name;
  const void* address;
  bool is_needed = true;
};

// NULL for success. May throw std::bad_alloc.
assay_status* NewStatus(Status status);
// Of the exception that is being handled.
assay_status* StatusOfException() noexcept;

// Runs a function that returns a Status, once its arguments are known to be there. Nothing that is
// thrown leaves it.
template <typename Function>
assay_status* Guard(std::initializer_list<Argument> arguments, Function function) noexcept {
  try {
    for (const Argument& argument : arguments) {
      if (argument.address != nullptr || !argument.is_needed) continue;
      return NewStatus(
          Status(StatusCode::kUsage,
                 fmt::format("argument {}: expected an address, got NULL", argument.name)));
    }
    return NewStatus(function());
  } catch (...) {
    return StatusOfException();
  }
}

}  // namespace assay
