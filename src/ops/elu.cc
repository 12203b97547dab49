#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {}, kBasicFloats, "X", "Y", {kConsumedInputs, FloatAttribute("alpha", 1)}),
    UnarySchema(6, {22}, kFloats, "X", "Y", {FloatAttribute("alpha", 1)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  return MapDoubles(context, [alpha](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
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
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-1e-09, -9.999999995e-10}, {-1e-300, -1e-300}});
  AddUnaryCases(cases, {{0.5, 0.5}, {-1, -1.2642411176571153}, {-2, -1.7293294335267746}},
                {{"alpha", 2.0F}}, "alpha_");
}

}  // namespace

extern const OpDef kElu;
const OpDef kElu = {.name = "Elu",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
