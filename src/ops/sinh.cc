#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::sinh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5210953054937474},
                        {-0.5, -0.5210953054937474},
                        {0, 0},
                        {1, 1.1752011936438014},
                        {-1, -1.1752011936438014},
                        {2.5, 6.0502044810397875},
                        {-3.75, -21.248782127103386},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(
      cases, {{1e-300, 1e-300}, {700, 5.0711602736750225e+303}, {-700, -5.0711602736750225e+303}});
  AddUnaryCases(cases, {{kInfinity, kInfinity}, {-kInfinity, -kInfinity}, {-1000, -kInfinity}}, {},
                "overflow_");
}

}  // namespace

extern const OpDef kSinh;
const OpDef kSinh = {.name = "Sinh",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
