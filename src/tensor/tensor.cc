#include "tensor/tensor.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <stdexcept>

namespace assay {
namespace {

constexpr size_t kAlignment = 64;

std::shared_ptr<void> AllocateBytes(size_t bytes) {
  const size_t rounded = (bytes + kAlignment) / kAlignment * kAlignment;
  void* data = std::aligned_alloc(kAlignment, rounded);
  if (data == nullptr) return nullptr;
  return std::shared_ptr<void>(data, std::free);
}

// Owner of a view whose elements are not aligned.
struct AlignedOnDemand {
  explicit AlignedOnDemand(std::shared_ptr<const void> owner) : source_owner(std::move(owner)) {}

  std::shared_ptr<const void> source_owner;
  mutable std::once_flag copied;
  mutable std::shared_ptr<void> copy;
};

bool IsAligned(DType dtype, const void* data) {
  const auto element_bytes = static_cast<uintptr_t>(DTypeBits(dtype) / 8);
  const uintptr_t alignment = IsComplex(dtype) ? element_bytes / 2 : element_bytes;
  return alignment <= 1 || reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

std::string CannotAllocate(DType dtype, const Shape& shape) {
  return fmt::format("cannot allocate a {} tensor of shape {}", DTypeName(dtype), shape.ToString());
}

Status OutOfMemory(DType dtype, const Shape& shape) {
  return Status(StatusCode::kResourceLimit,
                fmt::format("{}: {} bytes are not available", CannotAllocate(dtype, shape),
                            Tensor::ByteSize(dtype, shape.elements())),
                "use smaller input shapes or a machine with more memory");
}

std::shared_ptr<std::vector<std::string>> AllocateStrings(size_t count) {
  try {
    return std::make_shared<std::vector<std::string>>(count);
  } catch (const std::bad_alloc&) {
    return nullptr;
  } catch (const std::length_error&) {
    return nullptr;
  }
}

int64_t PackedInt(DType dtype, const void* data, int64_t i) {
  const int bits = DTypeBits(dtype);
  const int per_byte = 8 / bits;
  const uint8_t byte = static_cast<const uint8_t*>(data)[i / per_byte];
  const int64_t raw = byte >> (bits * (i % per_byte)) & ((1 << bits) - 1);
  if (IsSignedInteger(dtype) && (raw >> (bits - 1)) != 0) return raw - (int64_t{1} << bits);
  return raw;
}

}  // namespace

size_t Tensor::ByteSize(DType dtype, int64_t elements) {
  const auto count = static_cast<size_t>(elements);
  if (dtype == DType::kString) return count * sizeof(std::string);
  const auto bits = static_cast<size_t>(DTypeBits(dtype));
  return bits >= 8 ? count * (bits / 8) : (count * bits + 7) / 8;
}

Result<Tensor> Tensor::TryAllocate(DType dtype, Shape shape) {
  const std::optional<int64_t> elements = shape.CheckedElements();
  if (!elements || *elements > std::numeric_limits<int64_t>::max() / 32) {
    return Status(
        StatusCode::kInvalidInput,
        CannotAllocate(dtype, shape) + ": expected extents >= 0 with a product that fits");
  }
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.elements_ = *elements;
  if (dtype == DType::kString) {
    auto strings = AllocateStrings(static_cast<size_t>(*elements));
    if (strings == nullptr) return OutOfMemory(dtype, shape);
    tensor.data_ = strings->data();
    tensor.owner_ = std::move(strings);
  } else {
    std::shared_ptr<void> buffer = AllocateBytes(ByteSize(dtype, *elements));
    if (buffer == nullptr) return OutOfMemory(dtype, shape);
    tensor.data_ = buffer.get();
    tensor.owner_ = std::move(buffer);
  }
  tensor.shape_ = std::move(shape);
  return tensor;
}

Tensor Tensor::Allocate(DType dtype, Shape shape) {
  Result<Tensor> tensor = TryAllocate(dtype, std::move(shape));
  if (!tensor.ok()) throw std::bad_alloc();
  return std::move(tensor).value();
}

Tensor Tensor::Zeros(DType dtype, Shape shape) {
  Tensor tensor = Allocate(dtype, std::move(shape));
  if (dtype != DType::kString) std::memset(tensor.mutable_raw(), 0, tensor.byte_size());
  return tensor;
}

Tensor Tensor::View(DType dtype, Shape shape, const void* data, std::shared_ptr<const void> owner) {
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.elements_ = shape.elements();
  tensor.shape_ = std::move(shape);
  tensor.data_ = data;
  tensor.misaligned_ = !IsAligned(dtype, data);
  if (tensor.misaligned_) {
    tensor.owner_ = std::make_shared<const AlignedOnDemand>(std::move(owner));
  } else {
    tensor.owner_ = std::move(owner);
  }
  return tensor;
}

const void* Tensor::AlignedCopy() const {
  const auto& source = *static_cast<const AlignedOnDemand*>(owner_.get());
  std::call_once(source.copied, [&] {
    std::shared_ptr<void> copy = AllocateBytes(byte_size());
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy.get(), data_, byte_size());
    source.copy = std::move(copy);
  });
  return source.copy.get();
}

Result<Tensor> Tensor::Copy() const {
  if (dtype_ == DType::kString) return *this;
  ASSAY_ASSIGN_OR_RETURN(Tensor copy, TryAllocate(dtype_, shape_));
  if (byte_size() > 0) std::memcpy(copy.mutable_raw(), data_, byte_size());
  return copy;
}

Tensor Tensor::Reshaped(Shape shape) const {
  Tensor tensor = *this;
  if (shape.elements() != elements_) std::abort();
  tensor.shape_ = std::move(shape);
  return tensor;
}

void Tensor::CheckType(DType wanted) const {
  if (wanted != dtype_) std::abort();
}

double Tensor::ValueAsDouble(int64_t i) const {
  const auto index = static_cast<size_t>(i);
  switch (dtype_) {
    case DType::kFloat32:
      return data<float>()[index];
    case DType::kFloat64:
      return data<double>()[index];
    case DType::kUInt64:
      return static_cast<double>(data<uint64_t>()[index]);
    case DType::kFloat16:
    case DType::kBFloat16:
      return DecodeNarrowFloat(dtype_, static_cast<const uint16_t*>(raw())[index]);
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
    case DType::kFloat6E2M3:
    case DType::kFloat6E3M2:
      return DecodeNarrowFloat(dtype_, static_cast<const uint8_t*>(data_)[index]);
    case DType::kFloat4E2M1:
      return DecodeNarrowFloat(dtype_, static_cast<uint16_t>(PackedInt(dtype_, data_, i)));
    case DType::kUInt8:
    case DType::kInt8:
    case DType::kUInt16:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64:
    case DType::kBool:
    case DType::kUInt32:
    case DType::kUInt4:
    case DType::kInt4:
    case DType::kUInt2:
    case DType::kInt2:
      return static_cast<double>(ValueAsInt(i));
    case DType::kUndefined:
    case DType::kString:
    case DType::kComplex64:
    case DType::kComplex128:
      return std::numeric_limits<double>::quiet_NaN();
  }
  return std::numeric_limits<double>::quiet_NaN();
}

int64_t Tensor::ValueAsInt(int64_t i) const {
  const auto index = static_cast<size_t>(i);
  switch (dtype_) {
    case DType::kUInt8:
      return data<uint8_t>()[index];
    case DType::kInt8:
      return data<int8_t>()[index];
    case DType::kUInt16:
      return data<uint16_t>()[index];
    case DType::kInt16:
      return data<int16_t>()[index];
    case DType::kInt32:
      return data<int32_t>()[index];
    case DType::kInt64:
      return data<int64_t>()[index];
    case DType::kUInt32:
      return data<uint32_t>()[index];
    case DType::kUInt64:
      return static_cast<int64_t>(data<uint64_t>()[index]);
    case DType::kBool:
      return static_cast<const uint8_t*>(data_)[index] != 0 ? 1 : 0;
    case DType::kUInt4:
    case DType::kInt4:
    case DType::kUInt2:
    case DType::kInt2:
      return PackedInt(dtype_, data_, i);
    default:
      return static_cast<int64_t>(ValueAsDouble(i));
  }
}

}  // namespace assay
