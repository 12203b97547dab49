#pragma once

// The C++ interface of Assay: load a model or an engine, bind memory, run.
//
//   assay::Result<assay::Engine> engine = assay::Engine::Load("model.onnx");
//   if (!engine.ok()) { std::cerr << engine.status().message(); return; }
//   assay::Result<assay::Context> context = engine->CreateContext();
//   assay::Status bound = context->BindInput(0, pixels, {1, 3, 512, 512});
//   assay::Status ran = context->Run();
//   assay::ConstTensor<float> mask = context->Output<float>(0);
//
// Everything here is inline over the C interface of assay/c_api.h, so that a program and the
// library may be built by different compilers. Nothing is thrown but std::bad_alloc.

#include <cstddef>
#include <cstdint>
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
  bool ok() const { return code_ == ASSAY_OK; }
  assay_code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  assay_code code_ = ASSAY_OK;
  std::string message_;
  std::string hint_;
};

// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }

 private:
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

class Options {
 public:
  Options() : options_(assay_options_create()) {}
  // 0: one per usable processor.
  void SetThreads(int threads) { assay_options_set_threads(options_.get(), threads); }
  Status SetProfile(const std::string& input, const std::vector<int64_t>& min,
                    const std::vector<int64_t>& opt, const std::vector<int64_t>& max) {
    if (min.size() != opt.size() || min.size() != max.size()) {
      return Status(
          assay_options_set_profile(options_.get(), input.c_str(), nullptr, nullptr, nullptr, -1));
    }
    return Status(assay_options_set_profile(options_.get(), input.c_str(), min.data(), opt.data(),
                                            max.data(), static_cast<int>(min.size())));
  }
  void DisablePass(const std::string& pass) {
    assay_options_disable_pass(options_.get(), pass.c_str());
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
  template <typename T>
  Status BindOutput(size_t index, T* data, const std::vector<int64_t>& shape) {
    return Status(assay_bind_output(context_.get(), index, ElementTypeOf<T>(), shape.data(),
                                    static_cast<int>(shape.size()), data));
  }
  Status Run() { return Status(assay_run(context_.get())); }

  // Of the last run; T must be the output's element type. Valid until the next run.
  template <typename T>
  ConstTensor<T> Output(size_t index) const {
    ConstTensor<T> tensor;
    tensor.data = static_cast<const T*>(assay_result_data(context_.get(), index));
    const int rank = assay_result_rank(context_.get(), index);
    const int64_t* shape = assay_result_shape(context_.get(), index);
    if (rank > 0) tensor.shape.assign(shape, shape + rank);
    return tensor;
  }

 private:
  friend class Engine;
  struct Free {
    void operator()(assay_context* context) const { assay_context_free(context); }
  };
  explicit Context(assay_context* context) : context_(context) {}
  std::unique_ptr<assay_context, Free> context_;
};

// A model ready to run. May be used by several threads, each with a context of its own.
class Engine {
 public:
  // Loads a model (ONNX) or an engine file.
  static Result<Engine> Load(const std::string& path, const Options& options = Options()) {
    assay_engine* engine = nullptr;
    Status status(assay_load(path.c_str(), options.get(), &engine));
    if (!status.ok()) return status;
    return Engine(engine);
  }
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
