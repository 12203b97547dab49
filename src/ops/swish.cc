#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(24, {}, kFloats, "X", "Y", {FloatAttribute("alpha", 1)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  return MapDoubles(context, [alpha](double x) { return x * Logistic(alpha * x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.3112296656009273},
                        {-0.5, -0.18877033439907273},
                        {0, 0},
                        {1, 0.7310585786300049},
                        {-1, -0.2689414213699951},
                        {2.5, 2.310354549946891},
                        {-3.75, -0.08616513716259605},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-60, -5.253906457617913e-25}, {60, 60}});
  AddUnaryCases(cases,
                {{0.5, 0.3395893495876965}, {-1, -0.18242552380635635}, {2, 1.9051482536448665}},
                {{"alpha", 1.5F}}, "alpha_");
}

}  // namespace

extern const OpDef kSwish;
const OpDef kSwish = {.name = "Swish",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
