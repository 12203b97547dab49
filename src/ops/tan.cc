#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::tan(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5463024898437905},
                        {-0.5, -0.5463024898437905},
                        {0, 0},
                        {1, 1.5574077246549023},
                        {-1, -1.5574077246549023},
                        {2.5, -0.7470222972386603},
                        {-3.75, -0.6965508511114601},
                        {100, -0.5872139151569291},
                        {-kInfinity, kNaN},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}, {1e+22, -1.6287782256068988}});
}

}  // namespace

extern const OpDef kTan;
const OpDef kTan = {.name = "Tan",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
