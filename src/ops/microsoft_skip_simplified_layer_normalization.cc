#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/row_normalization.h"
#include "ops/skip_normalization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kFloat32Only = DTypeSet::Of(DType::kFloat32);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kFloats},
                {"skip", kFloats},
                {"gamma", kFloats},
                {"bias", kFloats, Arity::kOptional}},
     .outputs = {{"output", kFloats},
                 {"mean", kFloat32Only, Arity::kOptional},
                 {"inv_std_var", kFloat32Only, Arity::kOptional},
                 {"input_skip_bias_sum", kFloats, Arity::kOptional}},
     .attributes = {FloatAttribute("epsilon", 1e-12F)}},
};

Status Infer(InferContext& context) { return InferSkipNormalization(context, 3); }

// The mean, which takes no part, is given as 0.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor sum, SkipSum(context, 3));
  ASSAY_ASSIGN_OR_RETURN(Tensor y,
                         ApplyOperator(context, "RMSNormalization", {&sum, &context.Input(2)},
                                       {{"epsilon", context.Float("epsilon")}}));
  context.SetOutput(0, std::move(y));
  const Shape& shape = sum.shape();
  const int last = shape.rank() - 1;
  std::vector<double> inverse =
      InverseRootMeanSquares(sum.data<double>(), shape.elements(0, last), shape[last],
                             context.Float("epsilon"), context.threads());
  std::vector<double> mean(inverse.size(), 0);
  StoreSkipOutputs(context, sum, mean, inverse);
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // Sums (2, 14) and (-1, 7): mean squares 100 and 25.
  cases.push_back(
      {.name = "all_inputs_and_outputs",
       .attributes = {{"epsilon", 0.0F}},
       .inputs = {Tensor::Of<double>({2, 1, 2}, {0, 13, -3, 6}),
                  Tensor::Of<double>({1, 1, 2}, {1, 1}), Tensor::Vector<double>({1, 10}),
                  Tensor::Vector<double>({1, 0})},
       .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat32, DType::kFloat64},
       .expected = {Tensor::Of<double>({2, 1, 2}, {0.2, 14, -0.2, 14}),
                    Tensor::Of<double>({2, 1, 1}, {0, 0}),
                    Tensor::Of<double>({2, 1, 1}, {0.1, 0.2}),
                    Tensor::Of<double>({2, 1, 2}, {2, 14, -1, 7})}});
}

}  // namespace

extern const OpDef kMicrosoftSkipSimplifiedLayerNormalization;
const OpDef kMicrosoftSkipSimplifiedLayerNormalization = {
    .name = "SkipSimplifiedLayerNormalization",
    .domain = kMicrosoftDomain,
    .schemas = kSchemas,
    .infer = Infer,
    .reference = Reference,
    .cases = Cases};

}  // namespace assay
