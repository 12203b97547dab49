#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {}, kBasicFloats, "X", "Y", {kConsumedInputs, FloatAttribute("alpha", 0.01F)}),
    UnarySchema(6, {16}, kFloats, "X", "Y", {FloatAttribute("alpha", 0.01F)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  return MapDoubles(context, [alpha](double x) { return x < 0 ? alpha * x : x; });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5},
                        {-0.5, -0.004999999888241291},
                        {0, 0},
                        {1, 1},
                        {-1, -0.009999999776482582},
                        {2.5, 2.5},
                        {-3.75, -0.03749999916180968},
                        {kInfinity, kInfinity},
                        {-kInfinity, -kInfinity},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddUnaryCases(cases, {{0.5, 0.5}, {-1, -0.25}, {-2, -0.5}}, {{"alpha", 0.25F}}, "alpha_");
}

}  // namespace

extern const OpDef kLeakyRelu;
const OpDef kLeakyRelu = {.name = "LeakyRelu",
                          .schemas = kSchemas,
                          .infer = InferSameAsInput,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
