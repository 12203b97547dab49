#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1, .inputs = {{"A", kFloats}, {"B", kFloats}}, .outputs = {{"C", kFloats}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferLastAxisVector(context, 0, 1));
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 0, 1));
  const Tensor sum = AddAlongLastAxis(context, context.Input(0), &context.Input(1));
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "Gelu", {&sum}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "matrix",
       .inputs = {Tensor::Of<double>({2, 2}, {0.25, -2, 2, 1}), Tensor::Vector<double>({0.25, 1})},
       .expected = {Tensor::Of<double>({2, 2}, {0.34573123063700656, -0.15865525393145705,
                                                2.2224949365261493, 1.9544997361036416})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<float>({1, 2})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMicrosoftBiasGelu;
const OpDef kMicrosoftBiasGelu = {.name = "BiasGelu",
                                  .domain = kMicrosoftDomain,
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
