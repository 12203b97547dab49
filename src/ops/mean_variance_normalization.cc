#include <cmath>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/data_movement.h"
#include "ops/elementwise_schema.h"
#include "ops/moments.h"
#include "ops/op_def.h"
#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(9, {13}, kFloats, "X", "Y", {IntsAttribute("axes", {0, 2, 3})})};

// What the operator's function body in the standard adds to the deviation.
constexpr double kEpsilon = 1e-9F;

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  const std::optional<int> rank = context.InputRank(0);
  return rank ? NormalizeAxes(context.Ints("axes"), *rank).status() : OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                         NormalizeAxes(context.Ints("axes"), shape.rank()));
  std::vector<char> reduced(static_cast<size_t>(shape.rank()), 0);
  for (int axis : axes) reduced[static_cast<size_t>(axis)] = 1;
  const Reduction reduction(shape, reduced, /*keep_dims=*/true);
  const double* x = context.Doubles(0).data();
  double* y = context.AllocateOutput(0, shape).mutable_data<double>().data();
  const int64_t terms = reduction.term_count();
  ForEachSlice(context.threads(), reduction.output().elements(), terms, [&](int64_t at) {
    const Moments moments = MomentsOf(terms, [&](auto&& visit) {
      reduction.ForEachTerm(at, [&](int64_t offset) { visit(x[offset]); });
    });
    const double divisor = std::sqrt(moments.variance) + kEpsilon;
    reduction.ForEachTerm(
        at, [&](int64_t offset) { y[offset] = (x[offset] - moments.mean) / divisor; });
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({1, 2, 2, 3}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back(
      {.name = "default_axes",
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {1, 2, 2, 3},
           {0, -1.6230053415233294, -0.27050089025388824, 1.082003561015553, -0.5410017805077765,
            1.352504451269441, -1.4503269539871098, 0.6894996994364948, -0.166430961932947,
            -0.7370514028459082, 1.6880854710341768, -0.023775851704706717})}});
  cases.push_back(
      {.name = "last_axis",
       .opset = 9,
       .attributes = {{"axes", std::vector<int64_t>{-1}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {1, 2, 2, 3},
           {0.8890008883239142, -1.3970013959375793, 0.5080005076136652, 0.5391638656683548,
            -1.4018260507377227, 0.8626621850693678, -1.297771368203995, 1.1355499471784958,
            0.16222142102549938, -1.027992489158776, 1.355081008436568, -0.3270885192777923})}});
  cases.push_back(
      {.name = "axes_1_and_3",
       .attributes = {{"axes", std::vector<int64_t>{3, 1}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {1, 2, 2, 3},
           {0.5670479767378906, -1.4743247395185155, 0.22681919069515624, 0.6640906063314159,
            -1.1068176772190266, 0.9592419869231564, -1.1340959534757813, 1.4176199418447266,
            0.39693358371652343, -1.2543933675148968, 1.2543933675148968, -0.5165149160355458})}});
  cases.push_back({.name = "constant",
                   .inputs = {Tensor::Of<double>({1, 1, 1, 3}, {7, 7, 7})},
                   .expected = {Tensor::Of<double>({1, 1, 1, 3}, {0, 0, 0})}});
}

}  // namespace

extern const OpDef kMeanVarianceNormalization;
const OpDef kMeanVarianceNormalization = {.name = "MeanVarianceNormalization",
                                          .schemas = kSchemas,
                                          .infer = Infer,
                                          .reference = Reference,
                                          .cases = Cases};

}  // namespace assay
