#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/reduction.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 13}), ReduceWithAxesInput(18, {})};

Status Reference(ReferenceContext& context) {
  return ReduceNumeric(context, []<typename T>(const Terms<T>& terms) -> T {
    const T sum = SumOf(terms, [](T x) { return x; });
    if constexpr (std::is_floating_point_v<T>) {
      return sum / static_cast<double>(terms.count());
    } else {
      // Rounds toward zero. The mean of nothing has no integer value.
      using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
      if (terms.count() == 0) return 0;
      return static_cast<T>(static_cast<Wide>(sum) / static_cast<Wide>(terms.count()));
    }
  });
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor data = Tensor::Of<float>({2, 3, 2}, {5, 1, 20, 2, 30, 1, 40, 2, 55, 1, 60, 2});
  cases.push_back({.name = "all",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {data},
                   .expected = {Tensor::Scalar<float>(18.25F)}});
  cases.push_back(
      {.name = "middle_axis",
       .inputs = {data, Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<double>({2, 1, 2}, {55.0 / 3, 4.0 / 3, 155.0 / 3, 5.0 / 3})}});
  cases.push_back({.name = "outer_axes_by_attribute",
                   .opset = 13,
                   .attributes = {{"axes", Ints{0, -2}}, {"keepdims", int64_t{0}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<double>({2}, {35, 1.5})}});
  cases.push_back({.name = "outer_and_inner_axes",
                   .inputs = {data, Tensor::Vector<int64_t>({2, 0})},
                   .expected = {Tensor::Of<double>({1, 3, 1}, {12, 19.5, 23.25})}});
  cases.push_back({.name = "noop",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {data, Tensor::Vector<int64_t>({})},
                   .expected = {data}});
  cases.push_back({.name = "cancellation",
                   .inputs = {Tensor::Of<double>({4}, {1e16, 1, 1, -1e16})},
                   .expected = {Tensor::Of<double>({1}, {0.5})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<double>({1, 2}, {nan, nan})}});
  cases.push_back({.name = "no_outputs",
                   .inputs = {Tensor::Of<float>({2, 0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<float>({1, 0, 2}, {})}});
  cases.push_back(
      {.name = "integers_round_toward_zero",
       .opset = 18,
       .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 2, -1, -2}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<int32_t>({2, 1}, {1, -1})}});
}

}  // namespace

extern const OpDef kReduceMean;
const OpDef kReduceMean = {.name = "ReduceMean",
                           .schemas = kSchemas,
                           .infer = InferReduction,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
