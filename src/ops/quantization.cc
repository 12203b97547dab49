#include "ops/quantization.h"

#include <fmt/format.h>

#include "ops/data_movement.h"

namespace assay {
namespace {

Status ScaleDoesNotFit(const Shape& x, const Shape& scale, std::string_view expected) {
  return OpContext::Invalid(fmt::format("shape of the scale for {}: expected {}, got {}",
                                        x.ToString(), expected, scale.ToString()));
}

}  // namespace

Result<ScaleGrid> ScaleGrid::Create(const Shape& x, const Shape& scale, int64_t axis,
                                    int64_t block_size) {
  ScaleGrid grid;
  if (block_size < 0) {
    return OpContext::Invalid(
        fmt::format("attribute \"block_size\": expected at least 0, got {}", block_size));
  }
  if (scale.elements() == 1) {
    // One index of one block, whatever i is.
    return grid;
  }
  int along = 0;
  if (x.rank() != 1) {
    ASSAY_ASSIGN_OR_RETURN(along, CheckedAxis(axis, x.rank()));
  }
  grid.extent_ = x[along];
  grid.inner_ = x.elements(along + 1, x.rank());
  if (block_size == 0) {
    if (scale.rank() != 1 || scale[0] != x[along]) {
      return ScaleDoesNotFit(x, scale, fmt::format("a scalar or ({},)", x[along]));
    }
    return grid;
  }
  grid.blocked_ = true;
  grid.block_ = block_size;
  grid.blocks_ = x[along] == 0 ? 0 : (x[along] - 1) / block_size + 1;
  Shape expected = x;
  expected[along] = grid.blocks_;
  if (scale != expected) return ScaleDoesNotFit(x, scale, expected.ToString());
  return grid;
}

Result<ScaleGrid> ScaleGridOf(const ReferenceContext& context) {
  const Shape& scale = context.Input(1).shape();
  if (context.HasInput(2) && context.Input(2).elements() != scale.elements()) {
    return OpContext::Invalid(
        fmt::format("shape of the zero point: expected {} as the scale, got {}", scale.ToString(),
                    context.Input(2).shape().ToString()));
  }
  const Shape& x = context.Input(0).shape();
  if (context.opset() < 13 && scale.elements() != 1) {
    return ScaleDoesNotFit(x, scale, "a scalar before opset 13");
  }
  const int64_t axis = context.opset() < 13 ? 1 : context.Int("axis");
  const int64_t block_size = context.opset() < 21 ? 0 : context.Int("block_size");
  return ScaleGrid::Create(x, scale, axis, block_size);
}

std::vector<double> ScalesOf(const ReferenceContext& context) {
  const Tensor& scale = context.Input(1);
  std::vector<double> values(static_cast<size_t>(scale.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = scale.ValueAsDouble(static_cast<int64_t>(i));
  }
  return values;
}

std::vector<double> ZeroPointsOf(const ReferenceContext& context) {
  std::vector<double> values(static_cast<size_t>(context.Input(1).elements()), 0);
  if (!context.HasInput(2)) return values;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = context.Input(2).ValueAsDouble(static_cast<int64_t>(i));
  }
  return values;
}

Result<Tensor> AsDoubles(const Tensor& tensor) { return ConvertTensor(tensor, DType::kFloat64); }

double StepsOf(double x, double scale, DType precision) {
  const double steps = x / scale;
  return precision == DType::kFloat32 ? RoundToDType(DType::kFloat32, steps) : steps;
}

DType RequestedOutputType(const OpContext& context, int since, DType otherwise) {
  if (context.opset() < since) return otherwise;
  const int64_t requested = context.Int("output_dtype");
  if (requested == 0) return otherwise;
  return requested > 0 && requested < kDTypeCount ? static_cast<DType>(requested)
                                                  : DType::kUndefined;
}

}  // namespace assay
