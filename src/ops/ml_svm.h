#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "ops/op_context.h"

namespace assay {

// The kernel function of a support vector machine.
struct SvmKernel {
  enum class Kind : int8_t { kLinear, kPolynomial, kRadial, kSigmoid };

  Kind kind = Kind::kLinear;
  double gamma = 0;
  double coef0 = 0;
  double degree = 0;

  double operator()(std::span<const double> a, std::span<const double> b) const;
};

// Reads the attributes kernel_type and kernel_params (gamma, coef0, degree).
Result<SvmKernel> SvmKernelOf(const OpContext& context);

}  // namespace assay
