#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(), UnarySchema(6, {13}, kFloats)};

Status Reference(ReferenceContext& context) { return MapDoubles(context, Logistic); }

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.6224593312018546},
                        {-0.5, 0.37754066879814546},
                        {0, 0.5},
                        {1, 0.7310585786300049},
                        {-1, 0.2689414213699951},
                        {2.5, 0.9241418199787564},
                        {-3.75, 0.022977369910025615},
                        {kInfinity, 1},
                        {-kInfinity, 0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-50, 1.9287498479639178e-22}, {-700, 9.85967654375977e-305}, {40, 1}});
}

}  // namespace

extern const OpDef kSigmoid;
const OpDef kSigmoid = {.name = "Sigmoid",
                        .schemas = kSchemas,
                        .infer = InferSameAsInput,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
