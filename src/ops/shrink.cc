#include <type_traits>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/saturate.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(9, {}, kBasicFloats | kIntegers, "input", "output",
                {FloatAttribute("bias", 0), FloatAttribute("lambd", 0.5F)})};

// Integers are shifted in double and converted as by Cast; a bias of 0 leaves them exact.
Status Reference(ReferenceContext& context) {
  const double bias = context.Float("bias");
  const double threshold = context.Float("lambd");
  return MapNumeric(context, [=](auto x) {
    using T = decltype(x);
    const auto value = static_cast<double>(x);
    if (value < -threshold) return bias == 0 ? x : SaturateTo<T>(value + bias);
    if (value > threshold) return bias == 0 ? x : SaturateTo<T>(value - bias);
    return T{0};
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases,
                {{1, 1}, {0.5, 0}, {-0.5, 0}, {-0.75, -0.75}, {kInfinity, kInfinity}, {kNaN, 0}});
  AddUnaryCases(cases, {{2, 0.5}, {1.5, 0}, {-1.5, 0}, {-4, -2.5}},
                {{"bias", 1.5F}, {"lambd", 1.5F}}, "soft_");
  cases.push_back({.name = "int8_keeps_to_its_range",
                   .attributes = {{"bias", -100.0F}, {"lambd", 1.0F}},
                   .inputs = {Tensor::Vector<int8_t>({-128, -1, 1, 2, 127})},
                   .expected = {Tensor::Vector<int8_t>({-128, 0, 0, 102, 127})}});
  cases.push_back({.name = "int64_exact",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX, 0, INT64_MIN + 1})},
                   .expected = {Tensor::Vector<int64_t>({INT64_MAX, 0, INT64_MIN + 1})}});
}

}  // namespace

extern const OpDef kShrink;
const OpDef kShrink = {.name = "Shrink",
                       .schemas = kSchemas,
                       .infer = InferSameAsInput,
                       .reference = Reference,
                       .cases = Cases};

}  // namespace assay
