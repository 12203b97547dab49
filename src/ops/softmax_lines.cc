#include "ops/softmax_lines.h"

#include <cmath>

#include "ops/compensated_sum.h"
#include "ops/data_movement.h"
#include "ops/running_extreme.h"

namespace assay {

Status InferSoftmax(InferContext& context) {
  context.CopyInput(0, 0);
  const std::optional<int> rank = context.InputRank(0);
  return rank ? CheckedAxis(context.Int("axis"), *rank).status() : OkStatus();
}

Result<AxisLines> SoftmaxLines(const ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), shape.rank()));
  return context.opset() < 13 ? LinesFrom(shape, axis) : LinesAlong(shape, axis);
}

int64_t LargestOfLine(const double* line, const AxisLines& lines) {
  int64_t largest = 0;
  for (int64_t i = 1; i < lines.length; ++i) {
    if (IsAbove(line[i * lines.inner], line[largest * lines.inner])) largest = i;
  }
  return largest;
}

double SumOfOtherExponentials(const double* line, const AxisLines& lines, int64_t largest) {
  CompensatedSum sum;
  for (int64_t i = 0; i < lines.length; ++i) {
    if (i != largest) sum.Add(std::exp(line[i * lines.inner] - line[largest * lines.inner]));
  }
  return sum.value();
}

void LogSoftmaxOfLine(const double* in, double* out, const AxisLines& lines) {
  if (lines.length == 0) return;
  const int64_t at = LargestOfLine(in, lines);
  const double largest = in[at * lines.inner];
  // The difference is 0, or NaN if the largest element is infinite, and then all must be NaN.
  const double logarithm = std::log1p(SumOfOtherExponentials(in, lines, at)) + (largest - largest);
  for (int64_t i = 0; i < lines.length; ++i) {
    out[i * lines.inner] = in[i * lines.inner] - largest - logarithm;
  }
}

void SoftmaxOfLine(const double* in, double* out, const AxisLines& lines) {
  if (lines.length == 0) return;
  const int64_t at = LargestOfLine(in, lines);
  const double largest = in[at * lines.inner];
  // Of an infinite largest element everything is NaN, as exp(inf - inf) makes it.
  const double sum = std::exp(largest - largest) + SumOfOtherExponentials(in, lines, at);
  for (int64_t i = 0; i < lines.length; ++i) {
    out[i * lines.inner] = std::exp(in[i * lines.inner] - largest) / sum;
  }
}

}  // namespace assay
