#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(1, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return x / (1 + std::fabs(x)); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.3333333333333333},
                        {-0.5, -0.3333333333333333},
                        {0, 0},
                        {1, 0.5},
                        {-1, -0.5},
                        {2.5, 0.7142857142857143},
                        {-3.75, -0.7894736842105263},
                        {1e+300, 1},
                        {-1e+300, -1},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}});
}

}  // namespace

extern const OpDef kSoftsign;
const OpDef kSoftsign = {.name = "Softsign",
                         .schemas = kSchemas,
                         .infer = InferSameAsInput,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
