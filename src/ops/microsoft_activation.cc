#include "ops/microsoft_activation.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/apply_operator.h"

namespace assay {
namespace {

// Attributes in the order of "activation_params".
struct Known {
  std::string_view op;
  int opset = 0;
  std::vector<std::string> attributes;
  bool in_conv = false;
  bool in_gemm = false;
};

const std::vector<Known>& AllKnown() {
  static const std::vector<Known> all = {
      {"Relu", 14, {}, true, true},
      {"Sigmoid", 13, {}, true, true},
      {"Tanh", 13, {}, true, true},
      {"HardSwish", 14, {}, true, false},
      {"LeakyRelu", 16, {"alpha"}, true, true},
      {"Clip", 6, {"min", "max"}, true, false},
      {"HardSigmoid", 6, {"alpha", "beta"}, true, true},
      {"Elu", 6, {"alpha"}, false, true},
      {"Celu", 12, {"alpha"}, false, true},
      {"Selu", 6, {"alpha", "gamma"}, false, true},
      {"Softplus", 1, {}, false, true},
      {"Softsign", 1, {}, false, true},
      {"ThresholdedRelu", 10, {"alpha"}, false, true},
  };
  return all;
}

Status NotKnown(const std::string& name) {
  return OpContext::Unsupported(fmt::format("activation \"{}\" cannot be fused", name));
}

}  // namespace

Result<NamedActivation> ConvActivation(const OpContext& context) {
  NamedActivation activation;
  if (!context.HasAttribute("activation")) return activation;
  activation.op = context.String("activation");
  if (activation.op.empty()) return activation;
  const auto known = std::ranges::find(AllKnown(), activation.op, &Known::op);
  if (known == AllKnown().end() || !known->in_conv) return NotKnown(activation.op);
  activation.opset = known->opset;
  const std::vector<float> values = context.Floats("activation_params");
  if (values.size() != known->attributes.size()) {
    return OpContext::Invalid(fmt::format("activation_params: expected {} values for {}, got {}",
                                          known->attributes.size(), activation.op, values.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    activation.attributes.push_back({known->attributes[i], values[i]});
  }
  return activation;
}

Result<NamedActivation> GemmActivation(const OpContext& context) {
  NamedActivation activation;
  if (!context.HasAttribute("activation")) return activation;
  activation.op = context.String("activation");
  if (activation.op.empty()) return activation;
  const auto known = std::ranges::find(AllKnown(), activation.op, &Known::op);
  if (known == AllKnown().end() || !known->in_gemm) return NotKnown(activation.op);
  activation.opset = known->opset;
  for (const std::string& attribute : known->attributes) {
    const std::string own = "activation_" + attribute;
    if (context.HasAttribute(own)) {
      activation.attributes.push_back({attribute, context.Float(own)});
    }
  }
  return activation;
}

Status ApplyToOutput(ReferenceContext& context, const NamedActivation& activation) {
  if (activation.op.empty()) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(Tensor result,
                         ApplyOperator(context, activation.op, {&context.outputs()[0].tensor()},
                                       activation.attributes, activation.opset));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

}  // namespace assay
