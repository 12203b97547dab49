#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/reduction.h"
#include "ops/saturate.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}), ReduceWithAxesInput(18, {})};

// Terms are brought near 1 by a power of two first, so that no square leaves the range.
template <typename T>
double Norm(const Terms<T>& terms) {
  double most = 0;
  terms.ForEach([&](T x) { most = std::max(most, std::fabs(static_cast<double>(x))); });
  const int exponent = most > 0 && std::isfinite(most) ? std::ilogb(most) : 0;
  CompensatedSum sum;
  terms.ForEach([&](T x) {
    const double scaled = std::ldexp(static_cast<double>(x), -exponent);
    sum.Add(scaled * scaled);
  });
  return std::ldexp(std::sqrt(sum.value()), exponent);
}

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(
      context, []<typename T>(const Terms<T>& terms) -> T { return SaturateTo<T>(Norm(terms)); });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 2, 4})},
                   .expected = {Tensor::Of<float>({1, 1}, {5})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {3, -5, 4, 12}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<float>({2}, {5, 13})}});
  cases.push_back({.name = "axes_by_attribute",
                   .opset = 13,
                   .attributes = {{"axes", Ints{-1}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {3, -4, -5, 12})},
                   .expected = {Tensor::Of<float>({2, 1}, {5, 13})}});
  cases.push_back({.name = "noop_takes_magnitudes",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {3, -2})},
                   .expected = {Tensor::Of<float>({2}, {3, 2})}});
  cases.push_back({.name = "squares_out_of_range",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({2, 2}, {3e200, 4e200, 3e-200, 4e-200}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<double>({2}, {5e200, 5e-200})}});
  cases.push_back(
      {.name = "special_values",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<double>({2, 2}, {-inf, 1, nan, 1}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<double>({2}, {inf, nan})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<float>({1, 2}, {0, 0})}});
  cases.push_back({.name = "int32_rounds_down",
                   .inputs = {Tensor::Of<int32_t>({2}, {3, 5})},
                   .expected = {Tensor::Of<int32_t>({1}, {5})}});
}

}  // namespace

extern const OpDef kReduceL2;
const OpDef kReduceL2 = {.name = "ReduceL2",
                         .schemas = kSchemas,
                         .infer = InferReduction,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
