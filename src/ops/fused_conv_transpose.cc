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
                    OptionalAttribute("output_padding", AttributeKind::kInts),
                    OptionalAttribute("output_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts), kActivationAttribute,
                    kActivationAlphaAttribute, kActivationBetaAttribute}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "ConvTranspose")->infer(context));
  return CheckFused(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "ConvTranspose")->reference(context));
  return FinishFused(context);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor row = Tensor::Of<float>({1, 1, 2}, {1, -2});
  const Tensor kernel = Tensor::Of<float>({1, 2, 2}, {1, 2, -1, 3});
  const Tensor bias = Tensor::Of<float>({2}, {0.5F, 1});
  const Tensor residual = Tensor::Of<float>({1, 2, 3}, {1, 1, 1, -2, -2, -2});
  cases.push_back({.name = "bias_and_relu",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {row, kernel, bias},
                   .expected = {Tensor::Of<float>({1, 2, 3}, {1.5F, 0.5F, 0, 0, 6, 0})}});
  cases.push_back({.name = "bias_and_residual",
                   .inputs = {row, kernel, bias, residual},
                   .expected = {Tensor::Of<float>({1, 2, 3}, {2.5F, 1.5F, -2.5F, -2, 4, -7})}});
  cases.push_back({.name = "stride_residual_and_clip",
                   .attributes = {{"strides", std::vector<int64_t>{2}},
                                  {"activation", std::string("Clip")},
                                  {"activation_alpha", 0.0F},
                                  {"activation_beta", 2.5F}},
                   .inputs = {row, Tensor::Of<float>({1, 1, 2}, {1, 2}), std::nullopt,
                              Tensor::Of<float>({1, 1, 4}, {1, 1, 1, 5})},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {2, 2.5F, 0, 1})}});
}

}  // namespace

extern const OpDef kFusedConvTranspose;
const OpDef kFusedConvTranspose = {.name = "ConvTranspose",
                                   .domain = kFusedDomain,
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
