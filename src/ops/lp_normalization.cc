#include <fmt/format.h>

#include <cmath>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/compensated_sum.h"
#include "ops/data_movement.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/running_extreme.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(1, {22}, kFloats, "input", "output",
                                             {IntAttribute("axis", -1), IntAttribute("p", 2)})};

Status Infer(InferContext& context) {
  const int64_t p = context.Int("p");
  if (p != 1 && p != 2) {
    return OpContext::Invalid(fmt::format("attribute \"p\": expected 1 or 2, got {}", p));
  }
  context.CopyInput(0, 0);
  const std::optional<int> rank = context.InputRank(0);
  return rank ? CheckedAxis(context.Int("axis"), *rank).status() : OkStatus();
}

// The L1 or L2 norm of a line divided by its largest magnitude, so that squares neither overflow
// nor vanish.
double ScaledNorm(const double* line, const AxisLines& lines, double largest, bool squared) {
  CompensatedSum sum;
  for (int64_t i = 0; i < lines.length; ++i) {
    const double x = std::fabs(line[i * lines.inner]) / largest;
    sum.Add(squared ? x * x : x);
  }
  return squared ? std::sqrt(sum.value()) : sum.value();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), shape.rank()));
  const AxisLines lines = LinesAlong(shape, axis);
  const bool squared = context.Int("p") == 2;
  const double* in = context.Doubles(0).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  ForEachLine(context.threads(), lines, [&](int64_t index) {
    const double* line = in + lines.Start(index);
    double largest = 0;
    for (int64_t i = 0; i < lines.length; ++i) {
      const double magnitude = std::fabs(line[i * lines.inner]);
      if (IsAbove(magnitude, largest)) largest = magnitude;
    }
    // Of an infinite norm nothing is left to scale.
    const double norm = std::isfinite(largest) ? ScaledNorm(line, lines, largest, squared) : 1;
    for (int64_t i = 0; i < lines.length; ++i) {
      const int64_t at = i * lines.inner;
      // A line of zeros stays zero, as the standard says.
      out[lines.Start(index) + at] = largest == 0 ? 0 : line[at] / largest / norm;
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({4, 3}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back({.name = "l2_last_axis",
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {4, 3}, {0.4364357804719848, -0.8728715609439696, 0.2182178902359924,
                                0.6507913734559685, 0, 0.7592566023652966, -0.5345224838248488,
                                0.8017837257372732, 0.2672612419124244, -0.06052275326688024,
                                0.9683640522700838, 0.24209101306752095})}});
  cases.push_back({.name = "l1",
                   .attributes = {{"p", int64_t{1}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {4, 3}, {0.2857142857142857, -0.5714285714285714, 0.14285714285714285,
                                0.46153846153846156, 0, 0.5384615384615384, -0.3333333333333333,
                                0.5, 0.16666666666666666, -0.047619047619047616, 0.7619047619047619,
                                0.19047619047619047})}});
  cases.push_back({.name = "l2_first_axis",
                   .opset = 1,
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {4, 3}, {0.2849881999516386, -0.39950093555113786, 0.13333333333333333,
                                0.8549645998549157, 0, 0.9333333333333333, -0.42748229992745784,
                                0.4494385524950301, 0.2, -0.07124704998790965, 0.7990018711022757,
                                0.26666666666666666})}});
  cases.push_back({.name = "zeros",
                   .inputs = {Tensor::Of<double>({2, 2}, {0, 0, 3, -4})},
                   .expected = {Tensor::Of<double>({2, 2}, {0, 0, 0.6, -0.8})}});
  cases.push_back({.name = "huge_and_tiny",
                   .inputs = {Tensor::Of<double>({2, 2}, {3e+200, 4e+200, 3e-200, 4e-200})},
                   .expected = {Tensor::Of<double>({2, 2}, {0.6, 0.8, 0.6, 0.8})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({2, 2}, {kInfinity, 5, kNaN, 1})},
                   .expected = {Tensor::Of<double>({2, 2}, {kNaN, 0, kNaN, kNaN})}});
}

}  // namespace

extern const OpDef kLpNormalization;
const OpDef kLpNormalization = {.name = "LpNormalization",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
