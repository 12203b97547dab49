#include <cmath>

#include "compare/comparison.h"

namespace assay {

std::optional<uint32_t> UlpDistance::QuantileBound(double q) const {
  const double wanted = q * static_cast<double>(count);
  for (size_t i = 0; i < kBounds.size(); ++i) {
    if (static_cast<double>(within[i]) >= wanted) return kBounds[i];
  }
  return std::nullopt;
}

}  // namespace assay
