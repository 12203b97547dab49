#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace assay {

// The rows of a tensor along one axis: element `position` of row r is
// first(r) + position * stride.
struct AxisRows {
  int64_t rows = 0;
  int64_t length = 0;
  int64_t stride = 1;

  int64_t first(int64_t row) const { return row / stride * (stride * length) + row % stride; }
};

// Errors: kUsage for an axis outside [-rank, rank).
Result<AxisRows> RowsAlongAxis(const Shape& shape, int64_t axis);

// Coordinates of a flat index, as a tuple.
std::string CoordinatesOf(const Shape& shape, int64_t index);

// An integer that is ordered as the element, exactly, within one tensor: floats by value with both
// zeros equal, unsigned 64-bit integers shifted. NaN is the smallest.
inline constexpr int64_t kNanOrder = INT64_MIN;
int64_t ElementOrder(const Tensor& tensor, int64_t i);

// Errors: kUnsupported for strings and complex types.
Status CheckOrdered(DType dtype);

}  // namespace assay
