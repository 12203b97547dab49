#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(), UnarySchema(6, {13}, kFloats)};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return 1 / x; });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{4, 0.25},
                        {-0.5, -2},
                        {3, 0.3333333333333333},
                        {kInfinity, 0},
                        {-kInfinity, -0.0},
                        {kNaN, kNaN}});
  AddUnaryCases(cases, {{0.0, kInfinity}, {-0.0, -kInfinity}}, {}, "zero_");
}

}  // namespace

extern const OpDef kReciprocal;
const OpDef kReciprocal = {.name = "Reciprocal",
                           .schemas = kSchemas,
                           .infer = InferSameAsInput,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
