#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(12, {28}, kFloats, "X", "Y", {FloatAttribute("alpha", 1)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  return MapDoubles(context, [alpha](double x) {
    if (x > 0) return x;
    const double below = alpha * std::expm1(x / alpha);
    return below > 0 ? 0 : below;
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5},
                        {-0.5, -0.3934693402873666},
                        {0, 0},
                        {1, 1},
                        {-1, -0.6321205588285577},
                        {2.5, 2.5},
                        {-3.75, -0.9764822541439909},
                        {kInfinity, kInfinity},
                        {-kInfinity, -1},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-1e-09, -9.999999995e-10}});
  AddUnaryCases(cases, {{0.5, 0.5}, {-1, -0.7869386805747332}, {-2, -1.2642411176571153}},
                {{"alpha", 2.0F}}, "alpha_");
  AddUnaryCases(cases, {{0.5, 0.5}, {-1, -1.7182818284590453}}, {{"alpha", -1.0F}},
                "negative_alpha_");
}

}  // namespace

extern const OpDef kCelu;
const OpDef kCelu = {.name = "Celu",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
