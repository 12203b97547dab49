#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::atan(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.4636476090008061},
                        {-0.5, -0.4636476090008061},
                        {0, 0},
                        {1, 0.7853981633974483},
                        {-1, -0.7853981633974483},
                        {2.5, 1.1902899496825317},
                        {-3.75, -1.3101939350475555},
                        {1e+20, 1.5707963267948966},
                        {kInfinity, 1.5707963267948966},
                        {-kInfinity, -1.5707963267948966},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}});
}

}  // namespace

extern const OpDef kAtan;
const OpDef kAtan = {.name = "Atan",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
