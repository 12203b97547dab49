#include "ops/fused.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/apply_operator.h"

namespace assay {
namespace {

constexpr FusedActivation kActivations[] = {
    {"Relu", 14, "", ""},           {"Clip", 6, "min", "max"},
    {"LeakyRelu", 16, "alpha", ""}, {"HardSigmoid", 6, "alpha", "beta"},
    {"HardSwish", 14, "", ""},      {"Sigmoid", 13, "", ""},
    {"Tanh", 13, "", ""},           {"Gelu", 20, "", ""},
    {"Swish", 24, "", ""},
};

Status ApplyActivation(ReferenceContext& context, const FusedActivation& activation) {
  std::vector<Attribute> attributes;
  if (!activation.alpha.empty()) {
    attributes.push_back({std::string(activation.alpha), context.Float("activation_alpha")});
  }
  if (!activation.beta.empty()) {
    attributes.push_back({std::string(activation.beta), context.Float("activation_beta")});
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor applied,
                         ApplyOperator(context, activation.op, {&context.outputs()[0].tensor()},
                                       std::move(attributes), activation.opset));
  context.SetOutput(0, std::move(applied));
  return OkStatus();
}

}  // namespace

const FusedActivation* FindFusedActivation(std::string_view op) {
  const auto* found = std::ranges::find(kActivations, op, &FusedActivation::op);
  return found == std::end(kActivations) ? nullptr : found;
}

Status CheckFused(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  const std::string activation = context.String("activation");
  if (!activation.empty() && FindFusedActivation(activation) == nullptr) {
    return OpContext::Unsupported(fmt::format("activation \"{}\" cannot be fused", activation));
  }
  const SymbolicShape* residual = context.InputShape(3);
  const std::optional<SymbolicShape>& output = context.outputs()[0].type.shape;
  if (residual == nullptr || !output) return OkStatus();
  bool fits = residual->size() == output->size();
  for (size_t i = 0; fits && i < output->size(); ++i) {
    const Dim& a = (*residual)[i];
    const Dim& b = (*output)[i];
    fits = !a.IsKnown() || !b.IsKnown() || a.value() == b.value();
  }
  if (fits) return OkStatus();
  return OpContext::Invalid(fmt::format("shape of the residual: expected {}, got {}",
                                        ToString(*output), ToString(*residual)));
}

Status FinishFused(ReferenceContext& context) {
  if (context.HasInput(3)) {
    Tensor& output = context.outputs()[0].tensor();
    if (context.Input(3).shape() != output.shape()) {
      return OpContext::Invalid(fmt::format("shape of the residual: expected {}, got {}",
                                            output.shape().ToString(),
                                            context.Input(3).shape().ToString()));
    }
    const std::span<double> values = output.mutable_data<double>();
    const std::span<const double> residual = context.Doubles(3);
    for (size_t i = 0; i < values.size(); ++i) values[i] += residual[i];
  }
  const std::string name = context.String("activation");
  if (name.empty()) return OkStatus();
  const FusedActivation* activation = FindFusedActivation(name);
  if (activation == nullptr) return OpContext::Unsupported("activation \"" + name + "\"");
  return ApplyActivation(context, *activation);
}

}  // namespace assay
