#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(10, {22}, kFloats, "X", "Y", {FloatAttribute("alpha", 1)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  return MapDoubles(context, [alpha](double x) { return x > alpha ? x : 0.0; });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(
      cases,
      {{1.5, 1.5}, {1, 0}, {0.5, 0}, {-2, 0}, {kInfinity, kInfinity}, {-kInfinity, 0}, {kNaN, 0}});
  AddUnaryCases(cases, {{0.5, 0.5}, {-1, -1}, {-2, 0}, {-2.5, 0}}, {{"alpha", -2.0F}}, "alpha_");
}

}  // namespace

extern const OpDef kThresholdedRelu;
const OpDef kThresholdedRelu = {.name = "ThresholdedRelu",
                                .schemas = kSchemas,
                                .infer = InferSameAsInput,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
