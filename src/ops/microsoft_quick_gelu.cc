#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/microsoft.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {}, kFloats, "X", "Y", {FloatAttribute("alpha", 1.702F)})};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "Swish", {&context.Input(0)},
                                                 {{"alpha", context.Float("alpha")}}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // x / (1 + exp(-alpha x)) at arguments where the exponential is 3 and 1/3.
  const double log3_halved = 0.5493061443340549;
  AddUnaryCases(cases, {{log3_halved, 0.75 * log3_halved}, {-log3_halved, -0.25 * log3_halved}},
                {{"alpha", 2.0F}});
  cases.push_back({.name = "default_alpha",
                   .inputs = {Tensor::Vector<double>({1})},
                   .expected = {Tensor::Vector<double>({0.8457957659328212})},
                   .tolerance = 1e-7});
}

}  // namespace

extern const OpDef kMicrosoftQuickGelu;
const OpDef kMicrosoftQuickGelu = {.name = "QuickGelu",
                                   .domain = kMicrosoftDomain,
                                   .schemas = kSchemas,
                                   .infer = InferSameAsInput,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
