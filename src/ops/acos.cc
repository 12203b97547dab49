#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::acos(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 1.0471975511965979},
                        {-0.5, 2.0943951023931957},
                        {0, 1.5707963267948966},
                        {1, 0},
                        {-1, 3.141592653589793},
                        {0.9999, 0.014142253477512098},
                        {1.0000001, kNaN},
                        {-2, kNaN},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{0.9999999999990905, 1.3486991523487112e-06}});
}

}  // namespace

extern const OpDef kAcos;
const OpDef kAcos = {.name = "Acos",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
