#include "ops/fused.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kFloats},
                {"B", kFloats},
                {"C", kFloats, Arity::kOptional},
                {"R", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {FloatAttribute("alpha", 1), FloatAttribute("beta", 1),
                    IntAttribute("transA", 0), IntAttribute("transB", 0), kActivationAttribute,
                    kActivationAlphaAttribute, kActivationBetaAttribute}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "Gemm")->infer(context));
  return CheckFused(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "Gemm")->reference(context));
  return FinishFused(context);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::Of<float>({3, 2}, {7, 8, 9, 10, 11, 12});
  const Tensor b_transposed = Tensor::Of<float>({2, 3}, {7, 9, 11, 8, 10, 12});
  const Tensor residual = Tensor::Of<float>({2, 2}, {-60, 1, 2, -160});
  cases.push_back({.name = "row_bias_and_relu",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {a, b, Tensor::Of<float>({2}, {-60, 1})},
                   .expected = {Tensor::Of<float>({2, 2}, {0, 65, 79, 155})}});
  cases.push_back({.name = "factors_do_not_touch_the_residual",
                   .attributes = {{"alpha", 0.5F}, {"beta", 2.0F}, {"transB", int64_t{1}}},
                   .inputs = {a, b_transposed, Tensor::Of<float>({2}, {1, 10}), residual},
                   .expected = {Tensor::Of<float>({2, 2}, {-29, 53, 73.5F, -63})}});
  cases.push_back({.name = "residual_and_relu_without_bias",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {a, b, std::nullopt, residual},
                   .expected = {Tensor::Of<float>({2, 2}, {0, 65, 141, 0})}});
  cases.push_back({.name = "column_bias",
                   .inputs = {a, b, Tensor::Of<float>({2, 1}, {1, 10}), residual},
                   .expected = {Tensor::Of<float>({2, 2}, {-1, 66, 151, 4})}});
}

}  // namespace

extern const OpDef kFusedGemm;
const OpDef kFusedGemm = {.name = "Gemm",
                          .domain = kFusedDomain,
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
