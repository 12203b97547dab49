#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/microsoft.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(1, {}, kFloats)};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "Gelu", {&context.Input(0)}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.34573123063700656}, {-1, -0.15865525393145705}, {0, 0}});
}

}  // namespace

extern const OpDef kMicrosoftGelu;
const OpDef kMicrosoftGelu = {.name = "Gelu",
                              .domain = kMicrosoftDomain,
                              .schemas = kSchemas,
                              .infer = InferSameAsInput,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
