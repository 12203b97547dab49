#pragma once

#include <cstdint>
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

// Applies the function in place.
void ApplyActivation(const Activation& activation, float* values, int64_t count);

}  // namespace assay
