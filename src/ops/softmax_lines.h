#pragma once

#include <array>
#include <cstdint>

#include "ops/axis_lines.h"
#include "ops/elementwise_schema.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// What Softmax, LogSoftmax and Hardmax share. Before opset 13 the axis (default 1) and all after it
// form one line; later a line runs along the axis (default the last).
constexpr std::array<OpSchema, 3> SoftmaxSchemas() {
  return {UnarySchema(1, {}, kBasicFloats, "input", "output", {IntAttribute("axis", 1)}),
          UnarySchema(11, {}, kBasicFloats, "input", "output", {IntAttribute("axis", 1)}),
          UnarySchema(13, {}, kFloats, "input", "output", {IntAttribute("axis", -1)})};
}

Status InferSoftmax(InferContext& context);
Result<AxisLines> SoftmaxLines(const ReferenceContext& context);

// Index of the first largest element of a line, of the first NaN if there is one; 0 if the line is
// empty.
int64_t LargestOfLine(const double* line, const AxisLines& lines);

// Sum of exp(x - x[largest]) over all elements of a line but `largest` itself, whose term is 1;
// kept apart so that a sum next to 1 loses nothing.
double SumOfOtherExponentials(const double* line, const AxisLines& lines, int64_t largest);

// x - log(sum(exp(x))) of a line; all NaN if the largest element is infinite.
void LogSoftmaxOfLine(const double* in, double* out, const AxisLines& lines);
// Softmax of one line; in and out may be the same.
void SoftmaxOfLine(const double* in, double* out, const AxisLines& lines);

// Runs body(in, out, lines) on every line; in and out point to its first element.
template <typename Body>
Status MapSoftmaxLines(ReferenceContext& context, Body body) {
  ASSAY_ASSIGN_OR_RETURN(const AxisLines lines, SoftmaxLines(context));
  const double* in = context.Doubles(0).data();
  double* out = context.AllocateOutput(0, context.Input(0).shape()).mutable_data<double>().data();
  ForEachLine(context.threads(), lines, [&](int64_t line) {
    const int64_t start = lines.Start(line);
    body(in + start, out + start, lines);
  });
  return OkStatus();
}

}  // namespace assay
