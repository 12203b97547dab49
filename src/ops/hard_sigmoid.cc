#include <algorithm>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {}, kBasicFloats, "X", "Y",
                {kConsumedInputs, FloatAttribute("alpha", 0.2F), FloatAttribute("beta", 0.5F)}),
    UnarySchema(6, {22}, kFloats, "X", "Y",
                {FloatAttribute("alpha", 0.2F), FloatAttribute("beta", 0.5F)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  const double beta = context.Float("beta");
  return MapDoubles(context,
                    [alpha, beta](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.6000000014901161},
                        {-0.5, 0.3999999985098839},
                        {0, 0.5},
                        {1, 0.7000000029802322},
                        {-1, 0.29999999701976776},
                        {2.5, 1},
                        {-3.75, 0},
                        {2.4999, 0.9999800074502825},
                        {kInfinity, 1},
                        {-kInfinity, 0},
                        {kNaN, kNaN}});
  AddUnaryCases(cases, {{0.5, 0.875}, {-1, 0.5}, {1.5, 1}, {-3.5, 0}},
                {{"alpha", 0.25F}, {"beta", 0.75F}}, "attributes_");
}

}  // namespace

extern const OpDef kHardSigmoid;
const OpDef kHardSigmoid = {.name = "HardSigmoid",
                            .schemas = kSchemas,
                            .infer = InferSameAsInput,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
