#include "ops/unit_root.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace assay {

std::complex<double> UnitRoot(int64_t k, int64_t n) {
  // In units of an eighth of 1/n of the circle, one eighth of it is n.
  int64_t eighths = 8 * k;
  const bool below_axis = eighths > 4 * n;
  if (below_axis) eighths = 8 * n - eighths;
  const bool left = eighths > 2 * n;
  if (left) eighths = 4 * n - eighths;
  const bool steep = eighths > n;
  if (steep) eighths = 2 * n - eighths;
  const double angle =
      std::numbers::pi / 4 * (static_cast<double>(eighths) / static_cast<double>(n));
  double x = std::cos(angle);
  double y = std::sin(angle);
  if (steep) std::swap(x, y);
  return {left ? -x : x, below_axis ? -y : y};
}

}  // namespace assay
