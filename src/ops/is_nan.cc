#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {13, 20},
     .inputs = {{"X", kFloats | kFloat8s}},
     .outputs = {{"Y", kBools}}},
};

Status Reference(ReferenceContext& context) {
  return MapToBool(context, [](double x) { return std::isnan(x); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({2, 2}, {kNaN, -kNaN, kInfinity, 1})},
                   .expected = {Tensor::Of<bool>({2, 2}, {true, true, false, false})}});
  cases.push_back({.name = "scalar",
                   .opset = 9,
                   .inputs = {Tensor::Scalar<float>(0)},
                   .expected = {Tensor::Scalar<bool>(false)}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0}, {})},
                   .expected = {Tensor::Of<bool>({0}, {})}});
}

}  // namespace

extern const OpDef kIsNaN;
const OpDef kIsNaN = {.name = "IsNaN",
                      .schemas = kSchemas,
                      .infer = InferBroadcastBool,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
