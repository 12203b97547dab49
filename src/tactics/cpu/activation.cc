#include "tactics/cpu/activation.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

template <typename Function>
void Apply(float* values, int64_t count, Function function) {
  for (int64_t i = 0; i < count; ++i) values[i] = function(values[i]);
}

}  // namespace

void ApplyActivation(const Activation& activation, float* values, int64_t count) {
  const float alpha = activation.alpha;
  const float beta = activation.beta;
  switch (activation.kind) {
    case ActivationKind::kNone:
      break;
    case ActivationKind::kRelu:
      Apply(values, count, [](float x) { return x < 0 ? 0.0F : x; });
      break;
    case ActivationKind::kClip:
      Apply(values, count, [=](float x) { return std::min(std::max(x, alpha), beta); });
      break;
    case ActivationKind::kLeakyRelu:
      Apply(values, count, [=](float x) { return x < 0 ? alpha * x : x; });
      break;
    case ActivationKind::kHardSigmoid:
      Apply(values, count,
            [=](float x) { return std::min(std::max(alpha * x + beta, 0.0F), 1.0F); });
      break;
    case ActivationKind::kHardSwish:
      Apply(values, count,
            [](float x) { return x * std::min(std::max(x * (1.0F / 6.0F) + 0.5F, 0.0F), 1.0F); });
      break;
    case ActivationKind::kSigmoid:
      Apply(values, count, [](float x) { return 1.0F / (1.0F + std::exp(-x)); });
      break;
    case ActivationKind::kTanh:
      Apply(values, count, [](float x) { return std::tanh(x); });
      break;
    case ActivationKind::kGelu:
      Apply(values, count,
            [](float x) { return 0.5F * x * (1.0F + std::erf(x * 0.70710678118654752F)); });
      break;
    case ActivationKind::kSilu:
      Apply(values, count, [](float x) { return x / (1.0F + std::exp(-x)); });
      break;
  }
}

}  // namespace assay
