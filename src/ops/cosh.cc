#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::cosh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 1.1276259652063807},
                        {-0.5, 1.1276259652063807},
                        {0, 1},
                        {1, 1.5430806348152437},
                        {-1, 1.5430806348152437},
                        {2.5, 6.132289479663686},
                        {-3.75, 21.272299872959398},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{700, 5.0711602736750225e+303}});
  AddUnaryCases(cases, {{kInfinity, kInfinity}, {-kInfinity, kInfinity}, {-1000, kInfinity}}, {},
                "overflow_");
}

}  // namespace

extern const OpDef kCosh;
const OpDef kCosh = {.name = "Cosh",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
