#include "ops/quantized_operand.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ops/elementwise.h"
#include "ops/saturate.h"
#include "tensor/dispatch.h"

namespace assay {

Result<std::vector<double>> ExpandParameter(const ReferenceContext& context, int index,
                                            const Shape& shape, int axis) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor values, ConvertTensor(context.Input(index), DType::kFloat64));
  Shape own = values.shape();
  if (values.elements() == 1) {
    own = Shape(std::vector<int64_t>(shape.dims().size(), 1));
  } else if (own.rank() == 1 && axis < shape.rank() && own[0] == shape[axis]) {
    own = Shape(std::vector<int64_t>(shape.dims().size(), 1));
    own[axis] = shape[axis];
  }
  if (own.rank() != shape.rank() || BroadcastShapes(own, shape) != shape) {
    return OpContext::Invalid(fmt::format(
        "input {}: expected one value, one per element of axis {} or a shape that broadcasts to "
        "{}, got {}",
        index, axis, shape.ToString(), values.shape().ToString()));
  }
  std::vector<double> expanded(static_cast<size_t>(shape.elements()));
  const std::span<const double> in = values.data<double>();
  const std::array<Shape, 1> shapes = {own};
  BroadcastCursor(shape, shapes)
      .ForEachRun(0, shape.elements(), [&](int64_t at, int64_t count, auto offsets, auto steps) {
        for (int64_t k = 0; k < count; ++k) {
          expanded[static_cast<size_t>(at + k)] =
              in[static_cast<size_t>(offsets[0] + k * steps[0])];
        }
      });
  return expanded;
}

Result<std::vector<double>> CenteredOperand(const ReferenceContext& context, int index,
                                            int zero_point, int axis) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor values, ConvertTensor(context.Input(index), DType::kFloat64));
  const std::span<const double> in = values.data<double>();
  std::vector<double> centered(in.begin(), in.end());
  if (!context.HasInput(zero_point)) return centered;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> zeros,
                         ExpandParameter(context, zero_point, values.shape(), axis));
  for (size_t i = 0; i < centered.size(); ++i) centered[i] -= zeros[i];
  return centered;
}

void StoreWrapped(std::span<const double> sums, std::span<int32_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(sums[i])));
  }
}

Status StoreQuantized(std::span<const double> values, std::span<const double> zero_point,
                      Tensor& out) {
  const bool known = DispatchReferenceNumeric(out.dtype(), [&]<typename T>() {
    const std::span<T> to = out.mutable_data<T>();
    for (size_t i = 0; i < to.size(); ++i) {
      const double rounded = std::is_floating_point_v<T> ? values[i] : std::nearbyint(values[i]);
      to[i] = SaturateTo<T>(rounded + zero_point[i]);
    }
  });
  return known ? OkStatus() : OpContext::Unsupported("element type of the output");
}

}  // namespace assay
