#include <cmath>
#include <type_traits>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/saturate.h"

namespace assay {
namespace {

constexpr DTypeSet kBases = kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kBasicFloats}, {"Y", kBasicFloats}},
     .outputs = {{"Z", kBasicFloats}},
     .attributes = {kLegacyAxis, kLegacyBroadcast}},
    {.since = 7,
     .inputs = {{"X", kBasicFloats}, {"Y", kBasicFloats}},
     .outputs = {{"Z", kBasicFloats}}},
    {.since = 12,
     .also_since = {13, 15},
     .inputs = {{"X", kBases}, {"Y", kNumeric}},
     .outputs = {{"Z", kBases}}},
};

Status Infer(InferContext& context) {
  if (context.opset() < 12) return InferBroadcast(context);
  return InferBroadcastMixed(context);
}

// Wraps around like a product. A negative exponent stands for the truncated quotient of 1 by the
// power, and of 1 by 0 it is 0, as TruncatingDivide has it.
template <typename T, typename E>
T IntegerPower(T base, E exponent) {
  if constexpr (std::is_signed_v<E>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent % 2 == 0 ? 1 : -1;
      return 0;
    }
  }
  T power = 1;
  for (auto rest = static_cast<uint64_t>(exponent); rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) power = WrappingMultiply(power, base);
    base = WrappingMultiply(base, base);
  }
  return power;
}

template <typename T, typename E>
T Power(T base, E exponent) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<E>) {
    return IntegerPower(base, exponent);
  } else {
    return SaturateTo<T>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
}

template <typename T>
Status ReferenceOf(ReferenceContext& context, const BroadcastPlan& plan) {
  const bool known = DispatchReferenceNumeric(context.Input(1).dtype(), [&]<typename E>() {
    BroadcastElements<T>(context, plan, context.Input(0).data<T>(), context.Input(1).data<E>(),
                         [](T base, E exponent) { return Power(base, exponent); });
  });
  if (!known) return OpContext::Unsupported("element type of the exponent has no arithmetic");
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const BroadcastPlan plan, PlanBroadcast(context, std::array{0, 1}));
  switch (context.Input(0).dtype()) {
    case DType::kFloat64:
      return ReferenceOf<double>(context, plan);
    case DType::kInt32:
      return ReferenceOf<int32_t>(context, plan);
    default:
      return ReferenceOf<int64_t>(context, plan);
  }
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "broadcast_both",
                   .inputs = {Tensor::Of<float>({2, 1}, {2, 3}), Tensor::Vector<float>({0, 1, -2})},
                   .expected = {Tensor::Of<double>({2, 3}, {1, 2, 0.25, 1, 3, 1.0 / 9})}});
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Vector<double>({0, -8, kNaN, 1, kInfinity, 0, -2, -2, -0.0}),
                  Tensor::Vector<double>({0, 1.0 / 3, 0, kNaN, -1, -1, 3, 2, 3})},
       .expected = {Tensor::Vector<double>({1, kNaN, 1, 1, 0, kInfinity, -8, 4, -0.0})}});
  cases.push_back({.name = "int32_by_int64",
                   .inputs = {Tensor::Vector<int32_t>({2, -3, 3, 0, 1, -1, 2, 0}),
                              Tensor::Vector<int64_t>({10, 3, 40, 0, -5, -5, -1, -1})},
                   .expected = {Tensor::Vector<int32_t>({1024, -27, 689956897, 1, 1, -1, 0, 0})}});
  cases.push_back({.name = "int64_by_uint64",
                   .inputs = {Tensor::Vector<int64_t>({3, -2, -1}),
                              Tensor::Vector<uint64_t>({39, 63, 18446744073709551615U})},
                   .expected = {Tensor::Vector<int64_t>({4052555153018976267, INT64_MIN, -1})}});
  cases.push_back({.name = "int32_by_float",
                   .inputs = {Tensor::Vector<int32_t>({4, 2, 2, -8, 10}),
                              Tensor::Vector<float>({0.5, -1, 1.5, 0.5, 20})},
                   .expected = {Tensor::Vector<int32_t>({2, 0, 2, 0, 2147483647})}});
  cases.push_back(
      {.name = "float_by_int8",
       .inputs = {Tensor::Vector<float>({1.5, -2, 2}), Tensor::Vector<int8_t>({2, 3, -1})},
       .expected = {Tensor::Vector<float>({2.25, -8, 0.5})}});
  cases.push_back(
      {.name = "opset_1_axis",
       .opset = 1,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<float>({2, 3})},
       .expected = {Tensor::Of<float>({2, 2}, {1, 4, 27, 64})}});
  cases.push_back({.name = "opset_7_empty",
                   .opset = 7,
                   .inputs = {Tensor::Of<float>({2, 0}, {}), Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kPow;
const OpDef kPow = {
    .name = "Pow", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
