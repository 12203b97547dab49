#pragma once

#include <cmath>

namespace assay {

// 1 / (1 + exp(-x)), to a few ULP on both sides.
inline double Logistic(double x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const double e = std::exp(x);
  return e / (1 + e);
}

}  // namespace assay
