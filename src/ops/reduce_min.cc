#include <limits>

#include "ops/reduction.h"
#include "ops/running_extreme.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);

constexpr OpSchema kSchemas[] = {ReduceWithAxesAttribute(1, {11, 12, 13}, kReducible | kBytes),
                                 ReduceWithAxesInput(18, {20}, kReducible | kBytes | kBools)};

struct Extreme {
  template <typename T>
  T operator()(const Terms<T>& terms) const {
    T extreme = MostOf<T>();
    terms.ForEach([&](T x) {
      if (IsBelow(x, extreme)) extreme = x;
    });
    return extreme;
  }
};

Status Reference(ReferenceContext& context) {
  if (context.Input(0).dtype() != DType::kBool) return ReduceNumeric(context, Extreme{});
  ASSAY_ASSIGN_OR_RETURN(const Reduction reduction, ResolveReduction(context));
  ReduceAs<bool>(context, reduction, Extreme{});
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back(
      {.name = "all",
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12})},
       .expected = {Tensor::Of<float>({1, 1, 1}, {-12})}});
  cases.push_back(
      {.name = "middle_axis",
       .attributes = {{"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12}),
                  Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<float>({2, 2}, {1, -6, 7, -12})}});
  cases.push_back(
      {.name = "axes_by_attribute",
       .opset = 13,
       .attributes = {{"axes", Ints{-1, 0}}, {"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<float>({2, 3, 2}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12})},
       .expected = {Tensor::Of<float>({3}, {-8, -10, -12})}});
  cases.push_back({.name = "noop",
                   .attributes = {{"noop_with_empty_axes", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2}, {1, 2})},
                   .expected = {Tensor::Of<float>({2}, {1, 2})}});
  cases.push_back({.name = "special_values",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({3, 2}, {inf, -inf, 1, nan, -inf, -inf}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<double>({3}, {-inf, nan, -inf})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<double>({1, 2}, {inf, inf})}});
  cases.push_back({.name = "of_nothing_int32",
                   .inputs = {Tensor::Of<int32_t>({0}, {}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<int32_t>({1}, {2147483647})}});
  cases.push_back({.name = "int64_beyond_float64",
                   .inputs = {Tensor::Of<int64_t>({2}, {9007199254740993, 9007199254740992})},
                   .expected = {Tensor::Of<int64_t>({1}, {9007199254740992})}});
  cases.push_back({.name = "uint8",
                   .inputs = {Tensor::Of<uint8_t>({3}, {200, 3, 250})},
                   .expected = {Tensor::Of<uint8_t>({1}, {3})}});
  cases.push_back({.name = "bool",
                   .attributes = {{"keepdims", int64_t{0}}},
                   .inputs = {Tensor::Of<bool>({3, 2}, {true, true, false, true, false, false}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<bool>({3}, {true, false, false})}});
}

}  // namespace

extern const OpDef kReduceMin;
const OpDef kReduceMin = {.name = "ReduceMin",
                          .schemas = kSchemas,
                          .infer = InferReduction,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
