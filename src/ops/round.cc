#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(11, {22}, kFloats)};

// Ties go to even in the default rounding mode, which nothing here changes.
Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::nearbyint(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0},
                        {1.5, 2},
                        {2.5, 2},
                        {3.5, 4},
                        {-1.5, -2},
                        {-2.5, -2},
                        {2.4999999999999996, 2},
                        {0.75, 1},
                        {4503599627370498, 4503599627370498},
                        {-0.5, -0.0},
                        {-0.25, -0.0},
                        {-0.0, -0.0},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
}

}  // namespace

extern const OpDef kRound;
const OpDef kRound = {.name = "Round",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
