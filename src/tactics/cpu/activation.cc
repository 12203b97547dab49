#include "tactics/cpu/activation.h"

#include "tactics/cpu/kernels/element_kernels.h"

namespace assay {
namespace {

struct Form {
  UnaryFunction function;
  UnaryParameters parameters;
};

Form FormOf(const Activation& activation) {
  const UnaryParameters given = {activation.alpha, activation.beta};
  switch (activation.kind) {
    case ActivationKind::kNone:
      break;
    case ActivationKind::kRelu:
      return {UnaryFunction::kRelu, given};
    case ActivationKind::kClip:
      return {UnaryFunction::kClip, given};
    case ActivationKind::kLeakyRelu:
      return {UnaryFunction::kLeakyRelu, given};
    case ActivationKind::kHardSigmoid:
      return {UnaryFunction::kHardSigmoid, given};
    case ActivationKind::kHardSwish:
      return {UnaryFunction::kHardSwish, given};
    case ActivationKind::kSigmoid:
      return {UnaryFunction::kSigmoid, given};
    case ActivationKind::kTanh:
      return {UnaryFunction::kTanh, given};
    case ActivationKind::kGelu:
      return {UnaryFunction::kGelu, given};
    case ActivationKind::kSilu:
      return {UnaryFunction::kSwish, {.alpha = 1}};
  }
  return {UnaryFunction::kIdentity, {}};
}

}  // namespace

std::optional<Bounds> BoundsOf(const Activation& activation) {
  Bounds bounds;
  switch (activation.kind) {
    case ActivationKind::kNone:
      return bounds;
    case ActivationKind::kRelu:
      bounds.low = 0;
      return bounds;
    case ActivationKind::kClip:
      return Bounds{activation.alpha, activation.beta};
    default:
      return std::nullopt;
  }
}

void ApplyActivation(const Activation& activation, float* values, int64_t count) {
  if (activation.kind == ActivationKind::kNone) return;
  const Form form = FormOf(activation);
  activation.kernels->Loop(form.function)(count, values, form.parameters, values);
}

}  // namespace assay
