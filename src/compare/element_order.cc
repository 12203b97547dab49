#include "compare/element_order.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "compare/pair_blocks.h"

namespace assay {

Result<AxisRows> RowsAlongAxis(const Shape& shape, int64_t axis) {
  const std::optional<int> normal = NormalizeAxis(axis, shape.rank());
  if (!normal) {
    return Status(StatusCode::kUsage,
                  fmt::format("axis: expected a number in [-{0}, {0}), got {1} (shape {2})",
                              shape.rank(), axis, shape.ToString()));
  }
  AxisRows rows;
  rows.length = shape[*normal];
  rows.stride = shape.elements(*normal + 1, shape.rank());
  rows.rows = shape.elements(0, *normal) * rows.stride;
  return rows;
}

std::string CoordinatesOf(const Shape& shape, int64_t index) {
  std::vector<int64_t> coordinates(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const int64_t extent = shape[axis];
    coordinates[static_cast<size_t>(axis)] = index % extent;
    index /= extent;
  }
  return Shape(coordinates).ToString();
}

int64_t ElementOrder(const Tensor& tensor, int64_t i) {
  if (IsFloating(tensor.dtype())) {
    const double value = tensor.ValueAsDouble(i);
    return std::isnan(value) ? kNanOrder : KeyOf(value);
  }
  const int64_t value = tensor.ValueAsInt(i);
  if (tensor.dtype() == DType::kUInt64) return value ^ INT64_MIN;
  return value;
}

Status CheckOrdered(DType dtype) {
  if (IsFloating(dtype) || IsInteger(dtype) || dtype == DType::kBool) return OkStatus();
  return Status(StatusCode::kUnsupported,
                fmt::format("expected elements that can be ordered, got {}", DTypeName(dtype)));
}

}  // namespace assay
