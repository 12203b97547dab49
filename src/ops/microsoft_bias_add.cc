
#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}, {"bias", kFloats}, {"skip", kFloats}},
     .outputs = {{"Y", kFloats}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferLastAxisVector(context, 0, 1));
  if (const SymbolicShape* shape = context.InputShape(0)) {
    ASSAY_RETURN_IF_ERROR(CheckInferredShape(context, 2, *shape));
  }
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 0, 1));
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 2, context.Input(0).shape()));
  const Tensor sum = AddAlongLastAxis(context, context.Input(0), &context.Input(1));
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "Add", {&sum, &context.Input(2)}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "image",
       .inputs = {Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4}), Tensor::Vector<float>({10, 20}),
                  Tensor::Of<float>({1, 2, 2}, {100, 200, 300, 400})},
       .expected = {Tensor::Of<float>({1, 2, 2}, {111, 222, 313, 424})}});
}

}  // namespace

extern const OpDef kMicrosoftBiasAdd;
const OpDef kMicrosoftBiasAdd = {.name = "BiasAdd",
                                 .domain = kMicrosoftDomain,
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
