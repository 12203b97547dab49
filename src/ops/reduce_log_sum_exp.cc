#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/reduction.h"
#include "ops/saturate.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}),
                                 ReduceWithAxesInput(18, {28})};

// m + log(1 + sum over the others of exp(x - m)) with m the first largest term: nothing overflows,
// and a sum close to 1 keeps its relative accuracy.
template <typename T>
double LogSumExp(const Terms<T>& terms) {
  double most = -std::numeric_limits<double>::infinity();
  bool has_nan = false;
  terms.ForEach([&](T x) {
    has_nan = has_nan || std::isnan(static_cast<double>(x));
    most = std::max(most, static_cast<double>(x));
  });
  if (has_nan) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(most)) return most;
  CompensatedSum others;
  bool skipped = false;
  terms.ForEach([&](T x) {
    if (!skipped && static_cast<double>(x) == most) {
      skipped = true;
    } else {
      others.Add(std::exp(static_cast<double>(x) - most));
    }
  });
  return most + std::log1p(others.value());
}

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    return SaturateTo<T>(LogSumExp(terms));
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4})},
                   .expected = {Tensor::Of<double>({1, 1}, {4.4401896985611957})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<double>({2}, {3.1269280110429727, 4.126928011042972})}});
  cases.push_back(
      {.name = "axes_by_attribute",
       .opset = 13,
       .attributes = {{"axes", Ints{-1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4})},
       .expected = {Tensor::Of<double>({2, 1}, {2.3132616875182228, 4.3132616875182226})}});
  cases.push_back({.name = "noop_is_the_identity",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {1, 2})},
                   .expected = {Tensor::Of<float>({2}, {1, 2})}});
  cases.push_back({.name = "large_terms",
                   .inputs = {Tensor::Of<float>({2}, {1000, 1000})},
                   .expected = {Tensor::Of<double>({1}, {1000.6931471805599})}});
  cases.push_back({.name = "small_result",
                   .inputs = {Tensor::Of<double>({2}, {0, -40})},
                   .expected = {Tensor::Of<double>({1}, {4.248354255291589e-18})}});
  cases.push_back({.name = "special_values",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({4, 2}, {inf, 1, nan, inf, -inf, -inf, inf, -inf}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<double>({4}, {inf, nan, -inf, inf})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<double>({1, 2}, {-inf, -inf})}});
  cases.push_back({.name = "int32_rounds_toward_zero",
                   .opset = 18,
                   .inputs = {Tensor::Of<int32_t>({2}, {3, 5})},
                   .expected = {Tensor::Of<int32_t>({1}, {5})}});
}

}  // namespace

extern const OpDef kReduceLogSumExp;
const OpDef kReduceLogSumExp = {.name = "ReduceLogSumExp",
                                .schemas = kSchemas,
                                .infer = InferReduction,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
