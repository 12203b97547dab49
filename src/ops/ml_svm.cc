#include "ops/ml_svm.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "ops/ml_features.h"

namespace assay {

double SvmKernel::operator()(std::span<const double> a, std::span<const double> b) const {
  switch (kind) {
    case Kind::kLinear:
      return Dot(a, b);
    case Kind::kPolynomial:
      return std::pow(gamma * Dot(a, b) + coef0, degree);
    case Kind::kSigmoid:
      return std::tanh(gamma * Dot(a, b) + coef0);
    case Kind::kRadial:
      break;
  }
  double distance = 0;
  for (size_t i = 0; i < a.size(); ++i) distance += (a[i] - b[i]) * (a[i] - b[i]);
  return std::exp(-gamma * distance);
}

Result<SvmKernel> SvmKernelOf(const OpContext& context) {
  SvmKernel kernel;
  const std::string name = context.String("kernel_type");
  if (name == "LINEAR") {
    kernel.kind = SvmKernel::Kind::kLinear;
  } else if (name == "POLY") {
    kernel.kind = SvmKernel::Kind::kPolynomial;
  } else if (name == "RBF") {
    kernel.kind = SvmKernel::Kind::kRadial;
  } else if (name == "SIGMOID") {
    kernel.kind = SvmKernel::Kind::kSigmoid;
  } else {
    return OpContext::Invalid(fmt::format(
        "attribute \"kernel_type\": expected LINEAR, POLY, RBF or SIGMOID, got \"{}\"", name));
  }
  const std::vector<double> params = Doubles(context, "kernel_params");
  if (params.size() == 3) {
    kernel.gamma = params[0];
    kernel.coef0 = params[1];
    kernel.degree = params[2];
  } else if (!params.empty() || kernel.kind != SvmKernel::Kind::kLinear) {
    return OpContext::Invalid(
        fmt::format("attribute \"kernel_params\": expected gamma, coef0 and degree, got {} values",
                    params.size()));
  }
  return kernel;
}

}  // namespace assay
