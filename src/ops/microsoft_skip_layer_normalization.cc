#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
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
                {"beta", kFloats, Arity::kOptional},
                {"bias", kFloats, Arity::kOptional}},
     .outputs = {{"output", kFloats},
                 {"mean", kFloat32Only, Arity::kOptional},
                 {"inv_std_var", kFloat32Only, Arity::kOptional},
                 {"input_skip_bias_sum", kFloats, Arity::kOptional}},
     .attributes = {FloatAttribute("epsilon", 1e-12F)}},
};

Status Infer(InferContext& context) { return InferSkipNormalization(context, 4); }

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor sum, SkipSum(context, 4));
  ASSAY_ASSIGN_OR_RETURN(
      std::vector<Tensor> outputs,
      ApplyOperator(context, "LayerNormalization",
                    {&sum, &context.Input(2), context.HasInput(3) ? &context.Input(3) : nullptr},
                    {{"epsilon", context.Float("epsilon")}}, kAppliedOpset,
                    {DType::kFloat64, DType::kFloat64, DType::kFloat64}));
  context.SetOutput(0, std::move(outputs[0]));
  const auto values = [&](size_t i) {
    const std::span<const double> data = outputs[i].data<double>();
    return std::vector<double>(data.begin(), data.end());
  };
  StoreSkipOutputs(context, sum, values(1), values(2));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // The sums are (3, -3) and (5, 1): deviations 3 and 2.
  cases.push_back(
      {.name = "all_inputs_and_outputs",
       .attributes = {{"epsilon", 0.0F}},
       .inputs = {Tensor::Of<double>({1, 2, 2}, {1, -3, 3, 1}),
                  Tensor::Of<double>({2, 2}, {1, 1, 1, 1}), Tensor::Vector<double>({2, 10}),
                  Tensor::Vector<double>({0.5, 1}), Tensor::Vector<double>({1, -1})},
       .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat32, DType::kFloat64},
       .expected = {Tensor::Of<double>({1, 2, 2}, {2.5, -9, 2.5, -9}),
                    Tensor::Of<double>({1, 2, 1}, {0, 3}),
                    Tensor::Of<double>({1, 2, 1}, {1.0 / 3, 0.5}),
                    Tensor::Of<double>({1, 2, 2}, {3, -3, 5, 1})}});
  cases.push_back({.name = "two_axes_with_epsilon",
                   .attributes = {{"epsilon", 3.0F}},
                   .inputs = {Tensor::Of<double>({1, 2}, {1, 0}),
                              Tensor::Of<double>({1, 2}, {1, 0}), Tensor::Vector<double>({1, 1})},
                   .expected = {Tensor::Of<double>({1, 2}, {0.5, -0.5})}});
}

}  // namespace

extern const OpDef kMicrosoftSkipLayerNormalization;
const OpDef kMicrosoftSkipLayerNormalization = {.name = "SkipLayerNormalization",
                                                .domain = kMicrosoftDomain,
                                                .schemas = kSchemas,
                                                .infer = Infer,
                                                .reference = Reference,
                                                .cases = Cases};

}  // namespace assay
