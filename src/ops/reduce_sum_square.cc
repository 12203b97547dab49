#include <limits>

#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}), ReduceWithAxesInput(18, {})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    return SumOf(terms, [](T x) { return WrappingMultiply(x, x); });
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1}, {30})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<float>({2}, {10, 20})}});
  cases.push_back({.name = "axes_by_attribute",
                   .opset = 13,
                   .attributes = {{"axes", Ints{-1}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({2, 1}, {5, 25})}});
  cases.push_back({.name = "noop_still_squares",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {3, -2})},
                   .expected = {Tensor::Of<float>({2}, {9, 4})}});
  cases.push_back(
      {.name = "special_values",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<double>({2, 2}, {-inf, 1, nan, 1}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<double>({2}, {inf, nan})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<float>({1, 2}, {0, 0})}});
  cases.push_back({.name = "int32_wraps",
                   .inputs = {Tensor::Of<int32_t>({2}, {65536, 3})},
                   .expected = {Tensor::Of<int32_t>({1}, {9})}});
}

}  // namespace

extern const OpDef kReduceSumSquare;
const OpDef kReduceSumSquare = {.name = "ReduceSumSquare",
                                .schemas = kSchemas,
                                .infer = InferReduction,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
