#include <cmath>
#include <type_traits>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since) {
  OpSchema schema = BinarySchema(since, also_since, kNumeric);
  schema.attributes = {IntAttribute("fmod", 0)};
  return schema;
}

constexpr OpSchema kSchemas[] = {Schema(10, {13}), Schema(28, {})};

// Remainder of the truncating division: the sign of the dividend. 0 for an integer divisor of 0.
template <typename T>
T TruncatedRemainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
}

// Remainder of the flooring division: the sign of the divisor.
template <typename T>
T FlooredRemainder(T a, T b) {
  const T remainder = TruncatedRemainder(a, b);
  if constexpr (std::is_floating_point_v<T>) {
    if (remainder == 0) return std::copysign(T{0}, b);
  }
  const bool opposite = (remainder < 0 && b > 0) || (remainder > 0 && b < 0);
  return opposite ? static_cast<T>(remainder + b) : remainder;
}

template <int64_t (*remainder)(int64_t, int64_t)>
Dim RemainderOf(const Dim& a, const Dim& b) {
  if (!a.IsKnown() || !b.IsKnown()) return Dim::Unknown();
  return remainder(a.value(), b.value());
}

Status Infer(InferContext& context) {
  const int64_t fmod = context.Int("fmod");
  if (fmod != 0 && fmod != 1) {
    return OpContext::Invalid("attribute \"fmod\": expected 0 or 1, got " + std::to_string(fmod));
  }
  if (fmod == 0 && context.opset() < 28 && IsFloating(context.InputType(0))) {
    return OpContext::Invalid(
        "attribute \"fmod\": expected 1 for floating-point inputs before opset 28, got 0");
  }
  if (fmod != 0) return InferArithmetic(context, RemainderOf<TruncatedRemainder<int64_t>>);
  return InferArithmetic(context, RemainderOf<FlooredRemainder<int64_t>>);
}

Status Reference(ReferenceContext& context) {
  if (context.Int("fmod") != 0) {
    return BroadcastNumeric(context, [](auto a, auto b) { return TruncatedRemainder(a, b); });
  }
  return BroadcastNumeric(context, [](auto a, auto b) { return FlooredRemainder(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> fmod = {{"fmod", int64_t{1}}};
  cases.push_back({.name = "sign_of_divisor",
                   .opset = 10,
                   .inputs = {Tensor::Vector<int32_t>({-4, 7, 5, 4, -7, 8}),
                              Tensor::Vector<int32_t>({2, -3, 8, -2, 3, 5})},
                   .expected = {Tensor::Vector<int32_t>({0, -2, 5, 0, 2, 3})}});
  cases.push_back({.name = "sign_of_dividend",
                   .attributes = fmod,
                   .inputs = {Tensor::Vector<int64_t>({-4, 7, 5, 4, -7, 8}),
                              Tensor::Vector<int64_t>({2, -3, 8, -2, 3, 5})},
                   .expected = {Tensor::Vector<int64_t>({0, 1, 5, 0, -1, 3})}});
  cases.push_back(
      {.name = "int8_by_zero_and_overflow",
       .inputs = {Tensor::Vector<int8_t>({5, -128, -128}), Tensor::Vector<int8_t>({0, -1, 0})},
       .expected = {Tensor::Vector<int8_t>({0, 0, 0})}});
  cases.push_back({.name = "int64_extremes",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MIN, INT64_MAX}),
                              Tensor::Vector<int64_t>({INT64_MAX, INT64_MIN})},
                   .expected = {Tensor::Vector<int64_t>({INT64_MAX - 1, -1})}});
  cases.push_back(
      {.name = "uint8_broadcast",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {250, 7}), Tensor::Vector<uint8_t>({16, 251})},
       .expected = {Tensor::Of<uint8_t>({2, 2}, {10, 250, 7, 7})}});
  cases.push_back({.name = "double_fmod",
                   .opset = 13,
                   .attributes = fmod,
                   .inputs = {Tensor::Vector<double>({-4.5, 7.25, 5, kInfinity, 1, -3, kNaN}),
                              Tensor::Vector<double>({2, -3, 8, 2, 0, kInfinity, 1})},
                   .expected = {Tensor::Vector<double>({-0.5, 1.25, 5, kNaN, kNaN, -3, kNaN})}});
  cases.push_back(
      {.name = "double_floored",
       .inputs = {Tensor::Vector<double>({-4.5, 7.25, 5, kInfinity, 1, -3, 3, 0, 4, -2, kNaN}),
                  Tensor::Vector<double>(
                      {2, -3, 8, 2, 0, kInfinity, kInfinity, -2, -2, -kInfinity, 1})},
       .expected = {Tensor::Vector<double>(
           {1.5, -1.75, 5, kNaN, kNaN, kInfinity, 3, -0.0, -0.0, -2, kNaN})}});
}

}  // namespace

extern const OpDef kMod;
const OpDef kMod = {
    .name = "Mod", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
