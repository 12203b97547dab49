#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema Schema(int since, DTypeSet types) {
  return {since,
          {},
          {{"X", types}},
          {{"Y", kBools}},
          {IntAttribute("detect_negative", 1), IntAttribute("detect_positive", 1)}};
}

constexpr OpSchema kSchemas[] = {Schema(10, DTypeSet::Of(DType::kFloat32, DType::kFloat64)),
                                 Schema(20, kFloats | kFloat8s)};

Status Reference(ReferenceContext& context) {
  const bool negative = context.Int("detect_negative") != 0;
  const bool positive = context.Int("detect_positive") != 0;
  return MapToBool(
      context, [=](double x) { return std::isinf(x) && (std::signbit(x) ? negative : positive); });
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input = Tensor::Vector<double>({-1.7, kNaN, kInfinity, -kInfinity, 1e300});
  cases.push_back({.name = "both",
                   .inputs = {input},
                   .expected = {Tensor::Vector<bool>({false, false, true, true, false})}});
  cases.push_back({.name = "negative",
                   .opset = 10,
                   .attributes = {{"detect_positive", int64_t{0}}},
                   .inputs = {input},
                   .expected = {Tensor::Vector<bool>({false, false, false, true, false})}});
  cases.push_back({.name = "positive",
                   .attributes = {{"detect_negative", int64_t{0}}},
                   .inputs = {input},
                   .expected = {Tensor::Vector<bool>({false, false, true, false, false})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(1)},
                   .expected = {Tensor::Scalar<bool>(false)}});
}

}  // namespace

extern const OpDef kIsInf;
const OpDef kIsInf = {.name = "IsInf",
                      .schemas = kSchemas,
                      .infer = InferBroadcastBool,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
