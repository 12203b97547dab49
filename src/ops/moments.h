#pragma once

#include <cmath>
#include <cstdint>

#include "ops/compensated_sum.h"

namespace assay {

// Mean and population variance.
struct Moments {
  double mean = 0;
  double variance = 0;

  // 1 / sqrt(variance + epsilon).
  double InverseDeviation(double epsilon) const { return 1 / std::sqrt(variance + epsilon); }
};

// Moments of `count` values; for_each(visit) calls visit(x) for each of them and is called twice.
// Two passes with compensated sums; what the rounding of the mean adds to the squares is taken off.
template <typename ForEach>
Moments MomentsOf(int64_t count, ForEach&& for_each) {
  const auto n = static_cast<double>(count);
  CompensatedSum sum;
  for_each([&](double x) { sum.Add(x); });
  const double mean = sum.value() / n;
  CompensatedSum deviations;
  CompensatedSum squares;
  for_each([&](double x) {
    const double deviation = x - mean;
    deviations.Add(deviation);
    squares.Add(deviation * deviation);
  });
  const double shift = deviations.value() / n;
  const double variance = squares.value() / n - shift * shift;
  return {mean, variance < 0 ? 0 : variance};
}

// Moments of `count` consecutive values.
inline Moments MomentsOfRun(const double* values, int64_t count) {
  return MomentsOf(count, [&](auto&& visit) {
    for (int64_t i = 0; i < count; ++i) visit(values[i]);
  });
}

}  // namespace assay
