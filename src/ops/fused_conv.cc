#include "ops/fused.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats},
                {"W", kFloats},
                {"B", kFloats, Arity::kOptional},
                {"R", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts), kActivationAttribute,
                    kActivationAlphaAttribute, kActivationBetaAttribute}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "Conv")->infer(context));
  return CheckFused(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "Conv")->reference(context));
  return FinishFused(context);
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor row = Tensor::Of<float>({1, 1, 4}, {1, -2, 3, -4});
  const Tensor pair = Tensor::Of<float>({2, 1, 1}, {1, 10});
  const Tensor bias = Tensor::Of<float>({2}, {0.5F, -1});
  const Tensor residual = Tensor::Of<float>({1, 2, 4}, {1, 1, 1, 1, -10, -10, -10, -10});
  cases.push_back({.name = "nothing_fused",
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {1, -2, 3, -4, 10, -20, 30, -40})}});
  cases.push_back({.name = "bias_and_relu",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {row, pair, bias},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {1.5F, 0, 3.5F, 0, 9, 0, 29, 0})}});
  cases.push_back({.name = "residual_without_bias",
                   .inputs = {row, pair, std::nullopt, residual},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {2, -1, 4, -3, 0, -30, 20, -50})}});
  cases.push_back(
      {.name = "bias_residual_and_clip",
       .attributes = {{"activation", std::string("Clip")},
                      {"activation_alpha", -2.0F},
                      {"activation_beta", 6.0F}},
       .inputs = {row, pair, bias, residual},
       .expected = {Tensor::Of<float>({1, 2, 4}, {2.5F, -0.5F, 4.5F, -2, -1, -2, 6, -2})}});
  cases.push_back({.name = "groups_pads_and_leaky_relu",
                   .attributes = {{"group", int64_t{2}},
                                  {"pads", Ints{1, 0}},
                                  {"activation", std::string("LeakyRelu")},
                                  {"activation_alpha", 0.5F}},
                   .inputs = {Tensor::Of<float>({1, 2, 2}, {1, -2, 3, 4}),
                              Tensor::Of<float>({2, 1, 2}, {1, 2, 1, -1}), bias},
                   .expected = {Tensor::Of<float>({1, 2, 2}, {2.5F, -1.25F, -2, -1})}});
  cases.push_back({.name = "hard_sigmoid",
                   .attributes = {{"activation", std::string("HardSigmoid")},
                                  {"activation_alpha", 0.25F},
                                  {"activation_beta", 0.5F}},
                   .inputs = {row, Tensor::Of<float>({1, 1, 1}, {1})},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {0.75F, 0, 1, 0})}});
  cases.push_back({.name = "hard_swish",
                   .attributes = {{"activation", std::string("HardSwish")}},
                   .inputs = {row, Tensor::Of<float>({1, 1, 1}, {3})},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {3, 0, 9, 0})}});
  const Tensor zero_and_log3 = Tensor::Of<double>({1, 1, 2}, {0, 1.0986122886681098});
  cases.push_back({.name = "sigmoid",
                   .attributes = {{"activation", std::string("Sigmoid")}},
                   .inputs = {zero_and_log3, Tensor::Of<double>({1, 1, 1}, {1})},
                   .expected = {Tensor::Of<double>({1, 1, 2}, {0.5, 0.75})}});
  cases.push_back({.name = "tanh",
                   .attributes = {{"activation", std::string("Tanh")}},
                   .inputs = {zero_and_log3, Tensor::Of<double>({1, 1, 1}, {0.5})},
                   .expected = {Tensor::Of<double>({1, 1, 2}, {0, 0.5})}});
  cases.push_back({.name = "swish",
                   .attributes = {{"activation", std::string("Swish")}},
                   .inputs = {zero_and_log3, Tensor::Of<double>({1, 1, 1}, {1})},
                   .expected = {Tensor::Of<double>({1, 1, 2}, {0, 0.75 * 1.0986122886681098})}});
  // x (1 + erf(x / sqrt 2)) / 2
  cases.push_back(
      {.name = "gelu",
       .attributes = {{"activation", std::string("Gelu")}},
       .inputs = {Tensor::Of<double>({1, 1, 3}, {0, 1, -2}), Tensor::Of<double>({1, 1, 1}, {1})},
       .expected = {Tensor::Of<double>({1, 1, 3}, {0, 0.8413447460685429, -0.04550026389635842})}});
}

}  // namespace

extern const OpDef kFusedConv;
const OpDef kFusedConv = {.name = "Conv",
                          .domain = kFusedDomain,
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
