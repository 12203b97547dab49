#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema("input", "output"),
                                 UnarySchema(6, {13}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::exp(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{1, 2.718281828459045},
                        {0, 1},
                        {-1, 0.36787944117144233},
                        {-0.3, 0.7408182206817179},
                        {2.5, 12.182493960703473},
                        {-kInfinity, 0},
                        {kNaN, kNaN}});
  AddTailCases(cases,
               {{-700, 9.85967654375977e-305}, {-740, 4.2e-322}, {700, 1.0142320547350045e+304}});
  AddUnaryCases(cases, {{710.0, kInfinity}, {kInfinity, kInfinity}}, {}, "overflow_");
}

}  // namespace

extern const OpDef kExp;
const OpDef kExp = {.name = "Exp",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
