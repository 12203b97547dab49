#pragma once

#include <cmath>

#include "ops/compensated_sum.h"

namespace assay {

// (sum of |x|^p)^(1/p), as LpPool and GlobalLpPool take it over their windows.
class LpNorm {
 public:
  explicit LpNorm(double p) : p_(p) {}

  void Add(double x) {
    const double magnitude = std::fabs(x);
    sum_.Add(p_ == 1 ? magnitude : p_ == 2 ? magnitude * magnitude : std::pow(magnitude, p_));
  }
  double value() const {
    if (p_ == 1) return sum_.value();
    return p_ == 2 ? std::sqrt(sum_.value()) : std::pow(sum_.value(), 1 / p_);
  }

 private:
  double p_;
  CompensatedSum sum_;
};

}  // namespace assay
