#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::asin(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5235987755982989},
                        {-0.5, -0.5235987755982989},
                        {0, 0},
                        {1, 1.5707963267948966},
                        {-1, -1.5707963267948966},
                        {0.9999, 1.5566540733173846},
                        {1.0000001, kNaN},
                        {-2, kNaN},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}});
}

}  // namespace

extern const OpDef kAsin;
const OpDef kAsin = {.name = "Asin",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
