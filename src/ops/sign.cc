#include <cmath>
#include <type_traits>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {13}, kNumeric, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapNumeric(context, [](auto x) {
    // NaN has no sign and stays NaN.
    if constexpr (std::is_floating_point_v<decltype(x)>) {
      if (std::isnan(x)) return x;
    }
    return static_cast<decltype(x)>((x > 0 ? 1 : 0) - (x < 0 ? 1 : 0));
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{1.5, 1},
                        {-2.5, -1},
                        {0, 0},
                        {-0.0, 0},
                        {-kInfinity, -1},
                        {kInfinity, 1},
                        {kNaN, kNaN},
                        {5e-324, 1}});

  cases.push_back({.name = "int16",
                   .inputs = {Tensor::Vector<int16_t>({-32768, 0, 5})},
                   .expected = {Tensor::Vector<int16_t>({-1, 0, 1})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Vector<uint64_t>({0, 18446744073709551615U})},
                   .expected = {Tensor::Vector<uint64_t>({0, 1})}});
}

}  // namespace

extern const OpDef kSign;
const OpDef kSign = {.name = "Sign",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
