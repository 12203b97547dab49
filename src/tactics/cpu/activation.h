#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/status.h"
#include "tactics/cpu/kernels/element_kernels.h"

namespace assay {

// Functions that a fused operator applies to each element of its result. Names are ONNX operator
// types.
enum class ActivationKind : uint8_t {
  kNone,
  kRelu,
  kClip,         // alpha: minimum, beta: maximum
  kLeakyRelu,    // alpha: slope
  kHardSigmoid,  // alpha, beta
  kHardSwish,
  kSigmoid,
  kTanh,
  kGelu,  // the exact form, with erf
  kSilu,
};

struct Activation {
  ActivationKind kind = ActivationKind::kNone;
  float alpha = 0;
  float beta = 0;
  const ElementKernels* kernels = nullptr;  // that compute it; not needed for kNone
};

// min(max(x, low), high)
struct Bounds {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};
// What the function comes to if it does nothing but bound its argument; nullopt for others.
std::optional<Bounds> BoundsOf(const Activation& activation);

// Applies the function in place.
void ApplyActivation(const Activation& activation, float* values, int64_t count);

}  // namespace assay
