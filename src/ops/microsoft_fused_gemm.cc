#include "ops/microsoft.h"
#include "ops/microsoft_activation.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// ONNX Runtime declares integers too but computes floating types alone.
constexpr DTypeSet kTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kTypes}, {"B", kTypes}, {"C", kTypes, Arity::kOptional}},
     .outputs = {{"Y", kTypes}},
     .attributes = {OptionalAttribute("activation", AttributeKind::kString),
                    OptionalAttribute("activation_alpha", AttributeKind::kFloat),
                    OptionalAttribute("activation_beta", AttributeKind::kFloat),
                    OptionalAttribute("activation_gamma", AttributeKind::kFloat),
                    FloatAttribute("alpha", 1), FloatAttribute("beta", 1),
                    IntAttribute("transA", 0), IntAttribute("transB", 0)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_ASSIGN_OR_RETURN(const NamedActivation activation, GemmActivation(context));
  if (!activation.op.empty() && !IsFloating(context.InputType(0))) {
    return OpContext::Unsupported("an activation of integers");
  }
  return FindOp("", "Gemm")->infer(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const NamedActivation activation, GemmActivation(context));
  ASSAY_RETURN_IF_ERROR(FindOp("", "Gemm")->reference(context));
  return ApplyToOutput(context, activation);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::Of<float>({2, 3}, {7, 9, 11, 8, 10, 12});
  cases.push_back({.name = "leaky_relu",
                   .attributes = {{"activation", std::string("LeakyRelu")},
                                  {"activation_alpha", 0.25F},
                                  {"alpha", 0.5F},
                                  {"beta", 2.0F},
                                  {"transB", int64_t{1}}},
                   .inputs = {a, b, Tensor::Of<float>({2}, {-20, -41})},
                   .expected = {Tensor::Of<float>({2, 2}, {-2.75F, -12.5F, 29.5F, -1.25F})}});
  cases.push_back({.name = "nothing_fused",
                   .attributes = {{"transA", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 1}, {3}), Tensor::Of<float>({1, 1}, {5})},
                   .expected = {Tensor::Of<float>({1, 1}, {15})}});
}

}  // namespace

extern const OpDef kMicrosoftFusedGemm;
const OpDef kMicrosoftFusedGemm = {.name = "FusedGemm",
                                   .domain = kMicrosoftDomain,
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
