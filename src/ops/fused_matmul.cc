#include <fmt/format.h>

#include "ops/fused.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// The bias has one value per column of the result; neither operand may be a vector where there is
// one.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kFloats},
                {"B", kFloats},
                {"bias", kFloats, Arity::kOptional},
                {"R", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {kActivationAttribute, kActivationAlphaAttribute, kActivationBetaAttribute}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "MatMul")->infer(context));
  const SymbolicShape* bias = context.InputShape(2);
  const SymbolicShape* right = context.InputShape(1);
  if (bias != nullptr && right != nullptr) {
    const bool fits = bias->size() == 1 && right->size() >= 2 &&
                      (!bias->back().IsKnown() || !right->back().IsKnown() ||
                       bias->back().value() == right->back().value());
    if (!fits) {
      return OpContext::Invalid(
          fmt::format("shape of the bias: expected one value per column of B {}, got {}",
                      ToString(*right), ToString(*bias)));
    }
  }
  return CheckFused(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(FindOp("", "MatMul")->reference(context));
  if (context.HasInput(2)) {
    Tensor& output = context.outputs()[0].tensor();
    const Shape& shape = output.shape();
    const std::span<const double> bias = context.Doubles(2);
    const auto columns = static_cast<int64_t>(bias.size());
    if (context.Input(2).shape().rank() != 1 || shape.rank() == 0 ||
        context.Input(1).shape().rank() < 2 || shape[shape.rank() - 1] != columns) {
      return OpContext::Invalid(
          fmt::format("shape of the bias: expected one value per column of {}, got {}",
                      shape.ToString(), context.Input(2).shape().ToString()));
    }
    const std::span<double> values = output.mutable_data<double>();
    for (size_t i = 0; i < values.size(); ++i) values[i] += bias[i % bias.size()];
  }
  return FinishFused(context);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4});
  const Tensor b = Tensor::Of<float>({2, 3}, {1, 0, -1, 0, 10, -10});
  const Tensor bias = Tensor::Of<float>({3}, {-2, 1, 0.5F});
  const Tensor residual = Tensor::Of<float>({2, 1, 3}, {2, 2, 2, -100, -100, -100});
  cases.push_back({.name = "nothing_fused",
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({2, 1, 3}, {1, 20, -21, 3, 40, -43})}});
  cases.push_back({.name = "bias_and_relu",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {a, b, bias},
                   .expected = {Tensor::Of<float>({2, 1, 3}, {0, 21, 0, 1, 41, 0})}});
  cases.push_back({.name = "bias_and_residual",
                   .inputs = {a, b, bias, residual},
                   .expected = {Tensor::Of<float>({2, 1, 3}, {1, 23, -18.5F, -99, -59, -142.5F})}});
  cases.push_back({.name = "stacks_and_residual",
                   .attributes = {{"activation", std::string("Relu")}},
                   .inputs = {a, Tensor::Of<float>({2, 2, 1}, {1, 10, -1, 1}), std::nullopt,
                              Tensor::Of<float>({2, 1, 1}, {-1, -2})},
                   .expected = {Tensor::Of<float>({2, 1, 1}, {20, 0})}});
}

}  // namespace

extern const OpDef kFusedMatMul;
const OpDef kFusedMatMul = {.name = "MatMul",
                            .domain = kFusedDomain,
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
