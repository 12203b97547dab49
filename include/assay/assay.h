#pragma once

// The C++ interface of Assay: load a model or an engine, bind memory, run.
//
//   assay::Result<assay::Engine> engine = assay::Engine::Load("model.onnx");
//   if (!engine.ok()) { std::cerr << engine.status().message(); return; }
//   assay::Result<assay::Context> context = engine->CreateContext();
//   assay::Status bound = context->BindInput(0, pixels, {1, 3, 512, 512});
//   assay::Status ran = context->Run();
//   assay::Result<assay::ConstTensor<float>> mask = context->Output<float>(0);
//   if (mask.ok()) Show(mask->data, mask->shape);
//
// Everything here is inline over the C interface of assay/c_api.h, so that a program and the
// library may be built by different compilers. Nothing is thrown but std::bad_alloc. The value of a
// result that is not ok is a defect of the program: to ask for it prints the message and aborts.
// Objects that were moved from give ASSAY_USAGE, or nothing where there is no status.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assay/c_api.h"

namespace assay {

// Outcome of an operation that can fail. The message says what was expected and what was found, the
// hint, if any, what can be done about it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(assay_status* status)
      : code_(assay_status_code(status)),
        message_(assay_status_message(status)),
        hint_(assay_status_hint(status)) {
    assay_status_free(status);
  }
  Status(assay_code code, std::string message) : code_(code), message_(std::move(message)) {}
  bool ok() const { return code_ == ASSAY_OK; }
  assay_code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  assay_code code_ = ASSAY_OK;
  std::string message_;
  std::string hint_;
};

// A value, or the reason why there is none. Reading the value of a result that is not ok prints the
// reason to standard error and aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& operator*() {
    RequireValue();
    return *value_;
  }
  const T& operator*() const {
    RequireValue();
    return *value_;
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

 private:
  void RequireValue() const {
    if (value_) return;
    std::fprintf(stderr, "assay: value of a failed result: %s\n", status_.message().c_str());
    std::abort();
  }

  std::optional<T> value_;
  Status status_;
};

template <typename T>
constexpr assay_element_type ElementTypeOf() = delete;
template <>
constexpr assay_element_type ElementTypeOf<float>() {
  return ASSAY_FLOAT32;
}
template <>
constexpr assay_element_type ElementTypeOf<double>() {
  return ASSAY_FLOAT64;
}
template <>
constexpr assay_element_type ElementTypeOf<int8_t>() {
  return ASSAY_INT8;
}
template <>
constexpr assay_element_type ElementTypeOf<uint8_t>() {
  return ASSAY_UINT8;
}
template <>
constexpr assay_element_type ElementTypeOf<int16_t>() {
  return ASSAY_INT16;
}
template <>
constexpr assay_element_type ElementTypeOf<uint16_t>() {
  return ASSAY_UINT16;
}
template <>
constexpr assay_element_type ElementTypeOf<int32_t>() {
  return ASSAY_INT32;
}
template <>
constexpr assay_element_type ElementTypeOf<uint32_t>() {
  return ASSAY_UINT32;
}
template <>
constexpr assay_element_type ElementTypeOf<int64_t>() {
  return ASSAY_INT64;
}
template <>
constexpr assay_element_type ElementTypeOf<uint64_t>() {
  return ASSAY_UINT64;
}
template <>
constexpr assay_element_type ElementTypeOf<bool>() {
  return ASSAY_BOOL;
}

// Name, element type and shape of an input or output; extents of -1 are known at run time, and so
// is a missing shape.
struct TensorInfo {
  std::string name;
  assay_element_type type = ASSAY_UNDEFINED;
  std::optional<std::vector<int64_t>> shape;
};

// A result of the last run, in memory of the context or of the caller; row-major.
template <typename T>
struct ConstTensor {
  const T* data = nullptr;
  std::vector<int64_t> shape;
};

// The same of any element type.
struct UntypedTensor {
  assay_element_type type = ASSAY_UNDEFINED;
  const void* data = nullptr;
  size_t bytes = 0;
  std::vector<int64_t> shape;
};

// How long a step of the last run took, and the nodes of the model that it computes.
struct StepProfile {
  std::string tactic;
  std::vector<std::string> nodes;
  double seconds = 0;
};

class Options {
 public:
  Options() : options_(assay_options_create()) {}
  // 1 to 4096; 0: one per usable processor.
  Status SetThreads(int threads) {
    return Status(assay_options_set_threads(options_.get(), threads));
  }
  // Plans kept for shapes that were run, at least 1.
  Status SetPlanCache(size_t plans) {
    return Status(assay_options_set_plan_cache(options_.get(), plans));
  }
  Status SetProfile(const std::string& input, const std::vector<int64_t>& min,
                    const std::vector<int64_t>& opt, const std::vector<int64_t>& max) {
    if (min.size() != opt.size() || min.size() != max.size()) {
      return Status(ASSAY_USAGE, "profile of \"" + input + "\": expected three shapes of one rank");
    }
    return Status(assay_options_set_profile(options_.get(), input.c_str(), min.data(), opt.data(),
                                            max.data(), static_cast<int>(min.size())));
  }
  Status DisablePass(const std::string& pass) {
    return Status(assay_options_disable_pass(options_.get(), pass.c_str()));
  }
  const assay_options* get() const { return options_.get(); }

 private:
  struct Free {
    void operator()(assay_options* options) const { assay_options_free(options); }
  };
  std::unique_ptr<assay_options, Free> options_;
};

// Runs an engine, which it keeps alive. Used by one thread at a time.
class Context {
 public:
  // Binds memory of the caller, row-major, that stays valid while the context runs.
  template <typename T>
  Status BindInput(size_t index, const T* data, const std::vector<int64_t>& shape) {
    return BindInput(index, ElementTypeOf<T>(), data, shape);
  }
  Status BindInput(size_t index, assay_element_type type, const void* data,
                   const std::vector<int64_t>& shape) {
    return Status(assay_bind_input(context_.get(), index, type, shape.data(),
                                   static_cast<int>(shape.size()), data));
  }
  // nullptr takes the binding of an output back.
  template <typename T>
  Status BindOutput(size_t index, T* data, const std::vector<int64_t>& shape) {
    return BindOutput(index, ElementTypeOf<T>(), data, shape);
  }
  Status BindOutput(size_t index, assay_element_type type, void* data,
                    const std::vector<int64_t>& shape) {
    return Status(assay_bind_output(context_.get(), index, type, shape.data(),
                                    static_cast<int>(shape.size()), data));
  }
  Status UnbindOutput(size_t index) { return BindOutput(index, ASSAY_UNDEFINED, nullptr, {}); }
  Status Run() { return Status(assay_run(context_.get())); }

  // Of the last run, valid until the next one. An error if there was none, it failed, or T is not
  // the output's element type.
  template <typename T>
  Result<ConstTensor<T>> Output(size_t index) const {
    Status status(assay_result_check(context_.get(), index, ElementTypeOf<T>()));
    if (!status.ok()) return status;
    return ConstTensor<T>{static_cast<const T*>(assay_result_data(context_.get(), index)),
                          ResultShape(index)};
  }
  Result<UntypedTensor> Output(size_t index) const {
    const assay_element_type type = assay_result_type(context_.get(), index);
    Status status(assay_result_check(context_.get(), index, type));
    if (!status.ok()) return status;
    return UntypedTensor{type, assay_result_data(context_.get(), index),
                         assay_result_bytes(context_.get(), index), ResultShape(index)};
  }

  // Measures the steps of the runs that follow.
  Status SetProfiling(bool enabled) {
    return Status(assay_context_set_profiling(context_.get(), enabled ? 1 : 0));
  }
  // Steps of the last run, in their order; empty if it failed or was not measured.
  std::vector<StepProfile> Profile() const {
    std::vector<StepProfile> steps(assay_step_count(context_.get()));
    for (size_t i = 0; i < steps.size(); ++i) {
      steps[i].tactic = assay_step_tactic(context_.get(), i);
      steps[i].seconds = assay_step_seconds(context_.get(), i);
      for (size_t k = 0; k < assay_step_node_count(context_.get(), i); ++k) {
        steps[i].nodes.emplace_back(assay_step_node(context_.get(), i, k));
      }
    }
    return steps;
  }

 private:
  friend class Engine;
  struct Free {
    void operator()(assay_context* context) const { assay_context_free(context); }
  };
  explicit Context(assay_context* context) : context_(context) {}
  std::vector<int64_t> ResultShape(size_t index) const {
    const int rank = assay_result_rank(context_.get(), index);
    if (rank <= 0) return {};
    const int64_t* shape = assay_result_shape(context_.get(), index);
    return std::vector<int64_t>(shape, shape + rank);
  }
  std::unique_ptr<assay_context, Free> context_;
};

// A model ready to run. May be used by several threads, each with a context of its own.
class Engine {
 public:
  // Loads a model (ONNX) or an engine file. The file is mapped: as long as the engine lives,
  // replace it only by renaming another file over it, never write or truncate it in place.
  static Result<Engine> Load(const std::string& path, const Options& options = Options()) {
    if (options.get() == nullptr) {
      return Status(ASSAY_USAGE, "options: they were moved from, or there was no memory for them");
    }
    assay_engine* engine = nullptr;
    Status status(assay_load(path.c_str(), options.get(), &engine));
    if (!status.ok()) return status;
    return Engine(engine);
  }
  // Writes an engine file; it appears only when complete.
  Status Save(const std::string& path) { return Status(assay_save(engine_.get(), path.c_str())); }

  std::vector<TensorInfo> Inputs() const {
    std::vector<TensorInfo> infos;
    for (size_t i = 0; i < assay_input_count(engine_.get()); ++i) {
      infos.push_back(
          {assay_input_name(engine_.get(), i), assay_input_type(engine_.get(), i),
           ShapeOf(assay_input_rank(engine_.get(), i), assay_input_shape(engine_.get(), i))});
    }
    return infos;
  }
  std::vector<TensorInfo> Outputs() const {
    std::vector<TensorInfo> infos;
    for (size_t i = 0; i < assay_output_count(engine_.get()); ++i) {
      infos.push_back(
          {assay_output_name(engine_.get(), i), assay_output_type(engine_.get(), i),
           ShapeOf(assay_output_rank(engine_.get(), i), assay_output_shape(engine_.get(), i))});
    }
    return infos;
  }

  Result<Context> CreateContext() {
    assay_context* context = nullptr;
    Status status(assay_context_create(engine_.get(), &context));
    if (!status.ok()) return status;
    return Context(context);
  }

 private:
  struct Free {
    void operator()(assay_engine* engine) const { assay_engine_free(engine); }
  };
  explicit Engine(assay_engine* engine) : engine_(engine) {}
  static std::optional<std::vector<int64_t>> ShapeOf(int rank, const int64_t* shape) {
    if (rank < 0) return std::nullopt;
    return std::vector<int64_t>(shape, shape + rank);
  }
  std::unique_ptr<assay_engine, Free> engine_;
};

}  // namespace assay
