#include <cmath>
#include <limits>

#include "ops/reduction.h"
#include "ops/saturate.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}),
                                 ReduceWithAxesInput(18, {28})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    return SaturateTo<T>(std::log(static_cast<double>(SumOf(terms, [](T x) { return x; }))));
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4})},
                   .expected = {Tensor::Of<double>({1, 1}, {2.302585092994046})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<double>({2}, {1.3862943611198906, 1.791759469228055})}});
  cases.push_back(
      {.name = "axes_by_attribute",
       .opset = 13,
       .attributes = {{"axes", Ints{-1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4})},
       .expected = {Tensor::Of<double>({2, 1}, {1.0986122886681098, 1.9459101490553132})}});
  cases.push_back({.name = "noop_still_takes_logarithms",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {1, 2})},
                   .expected = {Tensor::Of<double>({2}, {0, 0.6931471805599453})}});
  cases.push_back({.name = "special_values",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({3, 2}, {inf, 1, nan, 1, -3, 1}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<double>({3}, {inf, nan, nan})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<double>({1, 2}, {-inf, -inf})}});
  cases.push_back({.name = "int32_rounds_toward_zero",
                   .opset = 18,
                   .inputs = {Tensor::Of<int32_t>({2}, {3, 5})},
                   .expected = {Tensor::Of<int32_t>({1}, {2})}});
}

}  // namespace

extern const OpDef kReduceLogSum;
const OpDef kReduceLogSum = {.name = "ReduceLogSum",
                             .schemas = kSchemas,
                             .infer = InferReduction,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
