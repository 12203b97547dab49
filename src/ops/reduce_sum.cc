#include <limits>

#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11}), ReduceWithAxesInput(13, {})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    return SumOf(terms, [](T x) { return x; });
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back(
      {.name = "all",
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12})},
       .expected = {Tensor::Of<float>({1, 1, 1}, {-6})}});
  cases.push_back(
      {.name = "middle_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12}),
                  Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<float>({2, 2}, {9, -12, 27, -30})}});
  cases.push_back(
      {.name = "axes_by_attribute",
       .opset = 11,
       .attributes = {{"axes", Ints{-1, 0}}, {"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12})},
       .expected = {Tensor::Of<float>({3}, {-2, -2, -2})}});
  cases.push_back({.name = "noop",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {1, 2})},
                   .expected = {Tensor::Of<float>({2}, {1, 2})}});
  cases.push_back({.name = "cancellation",
                   .inputs = {Tensor::Of<double>({5}, {1, 1e100, 1, -1e100, 1e-3})},
                   .expected = {Tensor::Of<double>({1}, {2.001})}});
  cases.push_back({.name = "special_values",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({3, 2}, {inf, 1, inf, -inf, nan, 1}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<double>({3}, {inf, nan, nan})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({2, 0}, {}), Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<float>({2, 1}, {0, 0})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(3)},
                   .expected = {Tensor::Scalar<float>(3)}});
  cases.push_back({.name = "int32_wraps",
                   .inputs = {Tensor::Of<int32_t>({2}, {2147483647, 2})},
                   .expected = {Tensor::Of<int32_t>({1}, {-2147483647})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Of<uint64_t>({2}, {18446744073709551615U, 3})},
                   .expected = {Tensor::Of<uint64_t>({1}, {2})}});
}

}  // namespace

extern const OpDef kReduceSum;
const OpDef kReduceSum = {.name = "ReduceSum",
                          .schemas = kSchemas,
                          .infer = InferReduction,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
