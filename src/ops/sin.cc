#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::sin(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.479425538604203},
                        {-0.5, -0.479425538604203},
                        {0, 0},
                        {1, 0.8414709848078965},
                        {-1, -0.8414709848078965},
                        {2.5, 0.5984721441039565},
                        {-3.75, 0.5715613187423437},
                        {100, -0.5063656411097588},
                        {kInfinity, kNaN},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}, {1e+22, -0.8522008497671888}});
}

}  // namespace

extern const OpDef kSin;
const OpDef kSin = {.name = "Sin",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
