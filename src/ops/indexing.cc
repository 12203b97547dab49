#include "ops/indexing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/arithmetic.h"
#include "ops/data_movement.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

template <typename T>
T Combine(T old_value, T update, ScatterReduction reduction) {
  switch (reduction) {
    case ScatterReduction::kNone:
      return update;
    case ScatterReduction::kAdd:
      return WrappingAdd(old_value, update);
    case ScatterReduction::kMultiply:
      return WrappingMultiply(old_value, update);
    case ScatterReduction::kMax:
      return std::max(old_value, update);
    case ScatterReduction::kMin:
      return std::min(old_value, update);
  }
  return update;
}

}  // namespace

Result<int64_t> WrapIndex(int64_t index, int64_t extent) {
  if (index < -extent || index >= extent) {
    return OpContext::Invalid(
        fmt::format("index: expected a value in [{}, {}), got {}", -extent, extent, index));
  }
  return index < 0 ? index + extent : index;
}

Result<int64_t> FlatPosition(std::span<const int64_t> indices, const Shape& shape) {
  int64_t position = 0;
  for (size_t i = 0; i < indices.size(); ++i) {
    const int axis = static_cast<int>(i);
    ASSAY_ASSIGN_OR_RETURN(const int64_t index, WrapIndex(indices[i], shape[axis]));
    position = position * shape[axis] + index;
  }
  return position * shape.elements(static_cast<int>(indices.size()), shape.rank());
}

Result<ScatterReduction> ScatterReductionOf(const std::string& name) {
  if (name == "none") return ScatterReduction::kNone;
  if (name == "add") return ScatterReduction::kAdd;
  if (name == "mul") return ScatterReduction::kMultiply;
  if (name == "max") return ScatterReduction::kMax;
  if (name == "min") return ScatterReduction::kMin;
  return OpContext::Invalid(
      fmt::format("reduction: expected none, add, mul, max or min, got \"{}\"", name));
}

Tensor WritableCopy(const Tensor& data) {
  const ElementBuffer source(data);
  ElementBuffer copy(data.dtype(), data.shape());
  copy.Copy(0, source, 0, data.elements());
  return copy.Finish();
}

Status ScatterElementsAt(Tensor& data, int64_t position, const Tensor& updates, int64_t from,
                         int64_t count, ScatterReduction reduction) {
  const auto to = static_cast<size_t>(position);
  const auto start = static_cast<size_t>(from);
  const auto run = [&]<typename T>() {
    const auto target = data.mutable_data<T>();
    const auto source = updates.data<T>();
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      target[to + i] = Combine(target[to + i], source[start + i], reduction);
    }
  };
  if (DispatchReferenceNumeric(data.dtype(), run)) return OkStatus();
  if (reduction != ScatterReduction::kNone) {
    return OpContext::Unsupported(
        fmt::format("reduction is not defined for {}", DTypeName(data.dtype())));
  }
  if (data.dtype() == DType::kString) {
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      data.mutable_data<std::string>()[to + i] = updates.data<std::string>()[start + i];
    }
    return OkStatus();
  }
  const int bits = DTypeBits(data.dtype());
  if (bits < 8) return OpContext::Unsupported("scattering elements under one byte");
  const size_t bytes = static_cast<size_t>(bits) / 8;
  const auto* source = static_cast<const std::byte*>(updates.raw()) + start * bytes;
  std::copy_n(source, static_cast<size_t>(count) * bytes,
              static_cast<std::byte*>(data.mutable_raw()) + to * bytes);
  return OkStatus();
}

}  // namespace assay
