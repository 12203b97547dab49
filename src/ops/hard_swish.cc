#include <algorithm>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(14, {22}, kFloats)};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.2916666666666667},
                        {-0.5, -0.20833333333333334},
                        {0, 0},
                        {1, 0.6666666666666666},
                        {-1, -0.3333333333333333},
                        {2.5, 2.2916666666666665},
                        {-3.75, 0},
                        {3, 3},
                        {-3, 0},
                        {4, 4},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
}

}  // namespace

extern const OpDef kHardSwish;
const OpDef kHardSwish = {.name = "HardSwish",
                          .schemas = kSchemas,
                          .infer = InferSameAsInput,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
