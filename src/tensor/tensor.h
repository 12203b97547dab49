#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tensor/dtype.h"
#include "tensor/narrow_float.h"
#include "tensor/shape.h"

namespace assay {

// The DType of a C++ element type.
template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, float>)
    return DType::kFloat32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::kFloat64;
  else if constexpr (std::is_same_v<T, int8_t>)
    return DType::kInt8;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return DType::kUInt8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return DType::kInt16;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return DType::kUInt16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::kInt32;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return DType::kUInt32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return DType::kInt64;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return DType::kUInt64;
  else if constexpr (std::is_same_v<T, bool>)
    return DType::kBool;
  else if constexpr (std::is_same_v<T, Float16>)
    return DType::kFloat16;
  else if constexpr (std::is_same_v<T, BFloat16>)
    return DType::kBFloat16;
  else if constexpr (std::is_same_v<T, std::string>)
    return DType::kString;
  else
    return DType::kUndefined;
}

// A dense row-major array on the host. Copies share the buffer; the contents of a shared buffer are
// never changed, so a tensor that is to be written must be freshly made. Packed types (under 8
// bits) are stored as ONNX stores them. Strings are a vector of std::string.
class Tensor {
 public:
  Tensor() = default;

  // Uninitialised memory, 64-byte aligned; strings start empty. The shape must pass
  // CheckedElements.
  static Tensor Allocate(DType dtype, Shape shape);
  // As Allocate, but negative or overflowing extents give kInvalidInput and memory that cannot be
  // had gives kResourceLimit. For shapes that come from a file or a user.
  static Result<Tensor> TryAllocate(DType dtype, Shape shape);
  static Tensor Zeros(DType dtype, Shape shape);

  // Wraps memory of somebody else; `owner` keeps it alive. `data` must hold ByteSize(dtype, shape)
  // bytes. It need not be aligned for the element type: weights lie at any byte of a model file.
  // Elements of such a view are copied to aligned memory when raw() or data() first asks for them,
  // once for all copies of the tensor; bytes() never copies.
  static Tensor View(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner);

  template <typename T>
  static Tensor Of(Shape shape, const std::vector<T>& values) {
    Tensor tensor = Allocate(DTypeOf<T>(), std::move(shape));
    auto out = tensor.mutable_data<T>();
    for (size_t i = 0; i < out.size(); ++i) out[i] = values[i];
    return tensor;
  }
  template <typename T>
  static Tensor Scalar(T value) {
    return Of<T>(Shape{}, std::vector<T>{value});
  }
  template <typename T>
  static Tensor Vector(const std::vector<T>& values) {
    return Of<T>(Shape{static_cast<int64_t>(values.size())}, values);
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t elements() const { return elements_; }
  size_t byte_size() const { return ByteSize(dtype_, elements_); }
  bool empty() const { return elements_ == 0; }
  bool valid() const { return dtype_ != DType::kUndefined; }

  // Aligned for the element type.
  const void* raw() const { return misaligned_ ? AlignedCopy() : data_; }
  void* mutable_raw() { return const_cast<void*>(raw()); }
  // As stored, at any alignment.
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(data_), byte_size()};
  }

  // The elements; T must match dtype() exactly (checked by assertion).
  template <typename T>
  std::span<const T> data() const {
    CheckType(DTypeOf<T>());
    return {static_cast<const T*>(raw()), static_cast<size_t>(elements_)};
  }
  template <typename T>
  std::span<T> mutable_data() {
    CheckType(DTypeOf<T>());
    return {static_cast<T*>(mutable_raw()), static_cast<size_t>(elements_)};
  }

  // The same elements in memory of its own, aligned. For weights that are read once: raw() of a
  // misaligned view keeps its aligned copy for as long as the view lives. Errors: kResourceLimit.
  Result<Tensor> Copy() const;

  // The same elements under another shape with the same number of them; shares the buffer.
  Tensor Reshaped(Shape shape) const;

  // Element i (flat index) as a double: exact for every type of at most 53 bits; strings and
  // complex are not numbers and give NaN. Slow: for printing and for tests.
  double ValueAsDouble(int64_t i) const;
  // Element i as an integer, for integer types and bool; kUInt64 above INT64_MAX wraps.
  int64_t ValueAsInt(int64_t i) const;

  // Bytes that `elements` elements take, packed types rounded up to whole bytes.
  static size_t ByteSize(DType dtype, int64_t elements);

 private:
  void CheckType(DType wanted) const;
  const void* AlignedCopy() const;

  DType dtype_ = DType::kUndefined;
  Shape shape_;
  int64_t elements_ = 0;
  const void* data_ = nullptr;
  bool misaligned_ = false;  // then owner_ is an AlignedOnDemand
  std::shared_ptr<const void> owner_;
};

// Converts between numeric element types the way numpy's astype does: floating to integer truncates
// toward zero (values outside the range give the nearest end), to bool tests for non-zero, to a
// narrower float rounds to nearest even. Strings and complex: kUnsupported.
Result<Tensor> ConvertTensor(const Tensor& tensor, DType dtype);

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// Named tensors in a fixed order (the order of a model's inputs or outputs).
class TensorMap {
 public:
  TensorMap() = default;
  TensorMap(std::initializer_list<NamedTensor> items) : items_(items) {}

  void Add(std::string name, Tensor tensor) {
    items_.push_back({std::move(name), std::move(tensor)});
  }
  const Tensor* Find(std::string_view name) const {
    for (const NamedTensor& item : items_) {
      if (item.name == name) return &item.tensor;
    }
    return nullptr;
  }
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  const NamedTensor& operator[](size_t i) const { return items_[i]; }
  NamedTensor& operator[](size_t i) { return items_[i]; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }

 private:
  std::vector<NamedTensor> items_;
};

}  // namespace assay
