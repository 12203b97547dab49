#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}, {"bias", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferLastAxisVector(context, 0, 1));
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 0, 1));
  const Tensor sum = AddAlongLastAxis(context, context.Input(0),
                                      context.HasInput(1) ? &context.Input(1) : nullptr);
  ASSAY_ASSIGN_OR_RETURN(Tensor y,
                         ApplyOperator(context, "Gelu", {&sum}, {{"approximate", "tanh"}}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor x = Tensor::Of<double>({2, 2}, {0.5, -1, 0, 1});
  cases.push_back(
      {.name = "without_bias",
       .inputs = {x},
       .expected = {Tensor::Of<double>(
           {2, 2}, {0.34571400982514394, -0.1588080093917233, 0, 0.8411919906082767})}});
  cases.push_back(
      {.name = "bias",
       .inputs = {x, Tensor::Vector<double>({1, -1})},
       .expected = {Tensor::Of<double>(
           {2, 2}, {1.3995715769802328, -0.04540230591222494, 0.8411919906082767, 0})}});
}

}  // namespace

extern const OpDef kMicrosoftFastGelu;
const OpDef kMicrosoftFastGelu = {.name = "FastGelu",
                                  .domain = kMicrosoftDomain,
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
