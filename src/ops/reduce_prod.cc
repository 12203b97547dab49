#include <limits>

#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}), ReduceWithAxesInput(18, {})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    T product = 1;
    terms.ForEach([&](T x) { product = WrappingMultiply(product, x); });
    return product;
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "all",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1}, {-24})}});
  cases.push_back(
      {.name = "outer_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4}), Tensor::Vector<int64_t>({0})},
       .expected = {Tensor::Of<float>({2}, {3, -8})}});
  cases.push_back({.name = "axes_by_attribute",
                   .opset = 13,
                   .attributes = {{"axes", Ints{-1}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {1, -2, 3, 4})},
                   .expected = {Tensor::Of<float>({2, 1}, {-2, 12})}});
  cases.push_back({.name = "noop",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {1, 2})},
                   .expected = {Tensor::Of<float>({2}, {1, 2})}});
  cases.push_back(
      {.name = "special_values",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<double>({2, 2}, {inf, 0, -inf, 2}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<double>({2}, {nan, -inf})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<float>({1, 2}, {1, 1})}});
  cases.push_back({.name = "int32_wraps",
                   .inputs = {Tensor::Of<int32_t>({2}, {65536, 65537})},
                   .expected = {Tensor::Of<int32_t>({1}, {65536})}});
}

}  // namespace

extern const OpDef kReduceProd;
const OpDef kReduceProd = {.name = "ReduceProd",
                           .schemas = kSchemas,
                           .infer = InferReduction,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
