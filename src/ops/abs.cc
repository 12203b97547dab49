#include <cmath>
#include <type_traits>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(), UnarySchema(6, {13}, kNumeric)};

Status Reference(ReferenceContext& context) {
  return MapNumeric(context, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>)
      return std::fabs(x);
    else if constexpr (std::is_unsigned_v<decltype(x)>)
      return x;
    else
      return x < 0 ? WrappingSubtract(decltype(x){0}, x) : x;
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{1.5, 1.5},
                        {-2.5, 2.5},
                        {-0.0, 0},
                        {0, 0},
                        {-kInfinity, kInfinity},
                        {kNaN, kNaN},
                        {-5e-324, 5e-324}});

  cases.push_back({.name = "int8_minimum_wraps",
                   .inputs = {Tensor::Vector<int8_t>({-128, -3, 127})},
                   .expected = {Tensor::Vector<int8_t>({-128, 3, 127})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Vector<uint64_t>({0, 18446744073709551615U})},
                   .expected = {Tensor::Vector<uint64_t>({0, 18446744073709551615U})}});
}

}  // namespace

extern const OpDef kAbs;
const OpDef kAbs = {.name = "Abs",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
