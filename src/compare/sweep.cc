#include "compare/sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {

template <typename Real>
Real RoundDown(double value) {
  auto rounded = static_cast<Real>(value);
  if (static_cast<double>(rounded) > value) {
    rounded = std::nextafter(rounded, -std::numeric_limits<Real>::infinity());
  }
  return rounded;
}

template <typename Real>
void CountAtLeast(const BlockKernels<Real>& kernels, const OrderedKey<Real>* keys, int n,
                  const KeyRange<OrderedKey<Real>>& range, std::span<const OrderedKey<Real>> bounds,
                  int64_t* counts) {
  size_t first = 0;
  while (first < bounds.size() && bounds[first] <= range.min) counts[first++] += n;
  size_t last = bounds.size();
  while (last > first && bounds[last - 1] > range.max) --last;
  if (last > first) {
    kernels.count_at_least(keys, n, bounds.data() + first, static_cast<int>(last - first),
                           counts + first);
  }
}

int64_t SweepGrain(int64_t count) {
  constexpr int64_t kSmallest = 65536;
  constexpr int64_t kMostParts = 4096;
  const int64_t grain = (count + kMostParts - 1) / kMostParts;
  return std::max(kSmallest, (grain + kSmallest - 1) / kSmallest * kSmallest);
}

template float RoundDown<float>(double);
template double RoundDown<double>(double);
template void CountAtLeast<float>(const BlockKernels<float>&, const int32_t*, int,
                                  const KeyRange<int32_t>&, std::span<const int32_t>, int64_t*);
template void CountAtLeast<double>(const BlockKernels<double>&, const int64_t*, int,
                                   const KeyRange<int64_t>&, std::span<const int64_t>, int64_t*);

}  // namespace assay
