#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(1, {22}, kFloats)};

Status Reference(ReferenceContext& context) {
  return MapDoubles(
      context, [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.9740769841801067},
                        {-0.5, 0.4740769841801067},
                        {0, 0.6931471805599453},
                        {1, 1.3132616875182228},
                        {-1, 0.3132616875182228},
                        {2.5, 2.5788897342925496},
                        {-3.75, 0.02324546437242503},
                        {kInfinity, kInfinity},
                        {-kInfinity, 0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-50, 1.9287498479639178e-22}, {-700, 9.85967654375977e-305}, {1000, 1000}});
}

}  // namespace

extern const OpDef kSoftplus;
const OpDef kSoftplus = {.name = "Softplus",
                         .schemas = kSchemas,
                         .infer = InferSameAsInput,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
