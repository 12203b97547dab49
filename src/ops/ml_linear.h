#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/ml_features.h"

namespace assay {

// Sets of coefficients, each with its intercept: scores = coefficients * x + intercepts.
struct LinearModel {
  std::vector<double> coefficients;
  std::vector<double> intercepts;
  int64_t sets = 0;
  int64_t features = 0;

  void Scores(std::span<const double> x, std::span<double> scores) const;
};

// Reads the attributes coefficients and intercepts (none: all zero) for rows of `features`
// features.
Result<LinearModel> LinearModelOf(const OpContext& context, int64_t features);

}  // namespace assay
