#include "ops/row_normalization.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ops/axis_lines.h"
#include "ops/compensated_sum.h"
#include "ops/data_movement.h"
#include "ops/elementwise.h"

namespace assay {
namespace {

Status DoesNotFit(int i, const std::string& into, const std::string& got) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected to broadcast into {}, got {}", i, into, got));
}

}  // namespace

Status InferRows(const InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) return OkStatus();
  ASSAY_RETURN_IF_ERROR(CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())).status());
  for (int i = 1; i < context.input_count(); ++i) {
    if (!context.HasInput(i)) continue;
    ASSAY_ASSIGN_OR_RETURN(const std::optional<SymbolicShape> both,
                           context.BroadcastInputs({0, i}));
    if (!both) continue;
    bool fits = both->size() == shape->size();
    for (size_t k = 0; fits && k < shape->size(); ++k) {
      const Dim& own = (*shape)[k];
      fits = !own.IsKnown() || !(*both)[k].IsKnown() || own.value() == (*both)[k].value();
    }
    if (!fits) return DoesNotFit(i, ToString(*shape), ToString(*context.InputShape(i)));
  }
  return OkStatus();
}

Result<RowView> RowsOf(const ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), shape.rank()));
  return RowView{axis, shape.elements(0, axis), shape.elements(axis, shape.rank())};
}

Status ScaleRows(ReferenceContext& context, const RowView& view, std::span<const double> shift,
                 std::span<const double> factor) {
  const Shape& shape = context.Input(0).shape();
  const bool has_bias = context.HasInput(2);
  const Tensor bias = has_bias ? context.Input(2) : Tensor::Scalar<double>(0);
  const std::array<Shape, 2> shapes = {context.Input(1).shape(), bias.shape()};
  for (int i = 1; i <= (has_bias ? 2 : 1); ++i) {
    const Shape& own = context.Input(i).shape();
    if (BroadcastShapes(shape, own) != shape) {
      return DoesNotFit(i, shape.ToString(), own.ToString());
    }
  }
  const double* x = context.Doubles(0).data();
  const double* scale = context.Doubles(1).data();
  const double* added = bias.data<double>().data();
  double* y = context.AllocateOutput(0, shape).mutable_data<double>().data();
  const BroadcastCursor cursor(shape, shapes);
  context.threads().ParallelFor(
      shape.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        cursor.ForEachRun(begin, end, [&](int64_t at, int64_t count, auto offsets, auto steps) {
          for (int64_t k = 0; k < count; ++k) {
            const auto row = static_cast<size_t>((at + k) / view.length);
            const double normalized = (x[at + k] - shift[row]) * factor[row];
            y[at + k] =
                normalized * scale[offsets[0] + k * steps[0]] + added[offsets[1] + k * steps[1]];
          }
        });
      });
  return OkStatus();
}

std::vector<double> InverseRootMeanSquares(std::span<const double> x, int64_t rows, int64_t length,
                                           double epsilon, ThreadPool& threads) {
  const double* values = x.data();
  std::vector<double> inverse(static_cast<size_t>(rows));
  ForEachSlice(threads, rows, length, [&](int64_t row) {
    CompensatedSum squares;
    for (int64_t i = row * length; i < (row + 1) * length; ++i) squares.Add(values[i] * values[i]);
    const double mean = squares.value() / static_cast<double>(length);
    inverse[static_cast<size_t>(row)] = 1 / std::sqrt(mean + epsilon);
  });
  return inverse;
}

}  // namespace assay
