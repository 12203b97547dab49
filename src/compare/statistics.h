#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace assay {

// An element of a tensor: its value, and its row-major flat index (-1: there is no such element).
struct ElementValue {
  double value = 0;
  int64_t index = -1;
};

// One requested order statistic, q in [0, 1], with numpy's linear interpolation.
struct Quantile {
  double q = 0;
  double value = 0;
};

// What numpy computes over one array. Sums are compensated by working in double over fixed blocks;
// order statistics are exact. Values follow numpy where it is well defined: a NaN in the data makes
// every statistic NaN (the extremes then point at the first NaN), an infinity makes variance and
// standard deviation NaN. The finite_* members leave NaN and infinities out.
//
// An empty array has mean NaN, percentiles infinity, everything else 0 at index -1.
struct Statistics {
  int64_t count = 0;
  int64_t nan_count = 0;
  int64_t positive_infinity_count = 0;
  int64_t negative_infinity_count = 0;

  double mean = std::numeric_limits<double>::quiet_NaN();
  double variance = 0;  // population: divided by count
  double standard_deviation = 0;
  double average_magnitude = std::numeric_limits<double>::quiet_NaN();  // mean of |x|
  ElementValue min;                                                     // first occurrence
  ElementValue max;                                                     // first occurrence

  // Order statistics; only if has_order_statistics. The percentiles of bool data are not shown by
  // Polygraphy (numpy refuses them), which has_percentiles tells.
  bool has_order_statistics = false;
  bool has_percentiles = false;
  double median = 0;
  double p90 = std::numeric_limits<double>::infinity();
  double p95 = std::numeric_limits<double>::infinity();
  double p99 = std::numeric_limits<double>::infinity();
  std::vector<Quantile> quantiles;  // those of CompareOptions::quantiles, in that order

  double finite_mean = std::numeric_limits<double>::quiet_NaN();
  ElementValue finite_min;
  ElementValue finite_max;

  int64_t finite_count() const {
    return count - nan_count - positive_infinity_count - negative_infinity_count;
  }
};

// Ten bins of equal width as numpy.histogram makes them: bin i holds edges[i] <= x < edges[i+1],
// the last one its right edge too. Not valid when the range is not finite or the data is bool.
struct Histogram {
  static constexpr int kBins = 10;
  bool valid = false;
  std::array<double, kBins + 1> edges = {};
  std::array<int64_t, kBins> counts = {};
};

}  // namespace assay
