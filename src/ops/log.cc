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
  return MapDoubles(context, [](double x) { return std::log(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{2, 0.6931471805599453},
                        {1, 0},
                        {0.1, -2.3025850929940455},
                        {10, 2.302585092994046},
                        {5e-324, -744.4400719213812},
                        {0, -kInfinity},
                        {-0.0, -kInfinity},
                        {-1, kNaN},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1.0000000000009095, 9.094947017725146e-13}});
}

}  // namespace

extern const OpDef kLog;
const OpDef kLog = {.name = "Log",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
