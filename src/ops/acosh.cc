#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::acosh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{1, 0},
                        {1.5, 0.9624236501192069},
                        {10, 2.993222846126381},
                        {10000000000, 23.7189981105004},
                        {0.5, kNaN},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1.0000000000009095, 1.3486991523485068e-06}, {1e+300, 691.4686750787737}});
}

}  // namespace

extern const OpDef kAcosh;
const OpDef kAcosh = {.name = "Acosh",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
