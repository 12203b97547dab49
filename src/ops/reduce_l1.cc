#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}), ReduceWithAxesInput(18, {})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    return SumOf(terms, [](T x) {
      if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
      return x < T{0} ? WrappingSubtract(T{0}, x) : x;
    });
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1}, {10})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<float>({2}, {4, 6})}});
  cases.push_back({.name = "axes_by_attribute",
                   .opset = 13,
                   .attributes = {{"axes", Ints{-1}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({2, 1}, {3, 7})}});
  cases.push_back({.name = "noop_still_takes_magnitudes",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {3, -2})},
                   .expected = {Tensor::Of<float>({2}, {3, 2})}});
  cases.push_back(
      {.name = "special_values",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<double>({2, 2}, {-inf, 1, nan, 1}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<double>({2}, {inf, nan})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<float>({1, 2}, {0, 0})}});
  cases.push_back({.name = "int32",
                   .inputs = {Tensor::Of<int32_t>({3}, {-5, 3, -1})},
                   .expected = {Tensor::Of<int32_t>({1}, {9})}});
  cases.push_back({.name = "uint32",
                   .inputs = {Tensor::Of<uint32_t>({2}, {4294967295U, 2})},
                   .expected = {Tensor::Of<uint32_t>({1}, {1})}});
}

}  // namespace

extern const OpDef kReduceL1;
const OpDef kReduceL1 = {.name = "ReduceL1",
                         .schemas = kSchemas,
                         .infer = InferReduction,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
