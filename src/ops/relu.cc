#include <cmath>
#include <limits>

#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(),
                                 UnarySchema(6, {13, 14}, kFloats | kSignedIntegers)};

Status Reference(ReferenceContext& context) {
  // Written so that NaN stays NaN, as IEEE comparison makes max(0, NaN) ambiguous.
  return MapNumeric(context, [](auto x) { return x < 0 ? decltype(x){0} : x; });
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({6}, {-1.5, 0.0, 2.5, -inf, inf, nan})},
                   .expected = {Tensor::Of<double>({6}, {0.0, 0.0, 2.5, 0.0, inf, nan})}});
  cases.push_back({.name = "int32",
                   .opset = 14,
                   .inputs = {Tensor::Of<int32_t>({2, 2}, {-3, 0, 4, -2147483647 - 1})},
                   .expected = {Tensor::Of<int32_t>({2, 2}, {0, 0, 4, 0})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 3}, {})}});
}

}  // namespace

extern const OpDef kRelu;
const OpDef kRelu = {.name = "Relu",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
