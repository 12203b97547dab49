#include "compare/numpy_statistics.h"

#include <algorithm>
#include <cmath>

#include "compare/sweep.h"

namespace assay {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename Real>
double ValueAt(int64_t rank, const std::vector<int64_t>& ranks, const std::vector<Real>& values) {
  const auto at = std::lower_bound(ranks.begin(), ranks.end(), rank);
  return static_cast<double>(values[static_cast<size_t>(at - ranks.begin())]);
}

}  // namespace

template <typename Real>
Statistics MakeStatistics(const StreamTotals<Real>& totals, double shift, int64_t count) {
  Statistics statistics;
  statistics.count = count;
  statistics.nan_count = totals.nan_count;
  statistics.positive_infinity_count = totals.positive_infinity_count;
  statistics.negative_infinity_count = totals.negative_infinity_count;
  if (count == 0) return statistics;

  if (totals.finite_count > 0) {
    const auto n = static_cast<double>(totals.finite_count);
    const double offset = totals.moments.shifted_sum / n;
    statistics.finite_mean = std::ldexp(shift + offset, totals.exponent);
    statistics.finite_min = {static_cast<double>(ValueOfKey<Real>(totals.min_key)),
                             totals.min_index};
    statistics.finite_max = {static_cast<double>(ValueOfKey<Real>(totals.max_key)),
                             totals.max_index};
    statistics.mean = statistics.finite_mean;
    statistics.average_magnitude = std::ldexp(totals.moments.magnitude_sum / n, totals.exponent);
    const double variance = std::max(0.0, totals.moments.shifted_square_sum / n - offset * offset);
    statistics.variance = std::ldexp(variance, 2 * totals.exponent);
    statistics.standard_deviation = std::ldexp(std::sqrt(variance), totals.exponent);
    statistics.min = statistics.finite_min;
    statistics.max = statistics.finite_max;
  }
  const ElementValue positive = {kInfinity, totals.first_positive_infinity};
  const ElementValue negative = {-kInfinity, totals.first_negative_infinity};
  if (positive.index >= 0 || negative.index >= 0) {
    statistics.average_magnitude = kInfinity;
    statistics.variance = statistics.standard_deviation = kNan;
    statistics.mean = negative.index < 0 ? kInfinity : positive.index < 0 ? -kInfinity : kNan;
    if (positive.index >= 0) statistics.max = positive;
    if (negative.index >= 0) statistics.min = negative;
    if (statistics.finite_min.index < 0) {
      if (positive.index < 0) statistics.max = negative;
      if (negative.index < 0) statistics.min = positive;
    }
  }
  if (totals.nan_count > 0) {
    statistics.mean = statistics.average_magnitude = kNan;
    statistics.variance = statistics.standard_deviation = kNan;
    statistics.min = statistics.max = {kNan, totals.first_nan};
  }
  return statistics;
}

template <typename Real>
SpecialValues MakeSpecialValues(const StreamTotals<Real>& totals, int64_t zeros,
                                int64_t subnormals) {
  SpecialValues special;
  special.nan = totals.nan_count;
  special.positive_infinity = totals.positive_infinity_count;
  special.negative_infinity = totals.negative_infinity_count;
  special.zero = zeros;
  special.subnormal = subnormals;
  special.first_nan = totals.first_nan;
  special.first_infinity = totals.first_positive_infinity;
  if (totals.first_negative_infinity >= 0 &&
      (special.first_infinity < 0 || totals.first_negative_infinity < special.first_infinity)) {
    special.first_infinity = totals.first_negative_infinity;
  }
  return special;
}

std::vector<int64_t> RanksForQuantiles(const std::vector<double>& quantiles, int64_t count) {
  std::vector<int64_t> ranks = {(count - 1) / 2, count / 2};
  const auto add = [&](double q) {
    const RankPosition position = QuantilePosition(q, count);
    ranks.insert(ranks.end(), {position.lower, position.upper});
  };
  for (const double q : {0.9, 0.95, 0.99}) add(q);
  for (const double q : quantiles) add(q);
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

template <typename Real>
double QuantileFromRanks(double q, int64_t count, const std::vector<int64_t>& ranks,
                         const std::vector<Real>& values, Precision precision) {
  const RankPosition position = QuantilePosition(q, count);
  return Interpolate(ValueAt(position.lower, ranks, values), ValueAt(position.upper, ranks, values),
                     position.weight, precision);
}

template <typename Real>
void SetOrderStatistics(const std::vector<int64_t>& ranks, const std::vector<Real>& values,
                        const std::vector<double>& quantiles, Precision precision,
                        Statistics* statistics) {
  const int64_t count = statistics->count;
  const auto quantile = [&](double q) {
    return QuantileFromRanks(q, count, ranks, values, precision);
  };
  // The median of float16 is taken in float32.
  const Precision at_least_single = precision == Precision::kHalf ? Precision::kSingle : precision;
  statistics->has_order_statistics = true;
  statistics->median = MiddleOf(ValueAt((count - 1) / 2, ranks, values),
                                ValueAt(count / 2, ranks, values), at_least_single);
  statistics->p90 = quantile(0.9);
  statistics->p95 = quantile(0.95);
  statistics->p99 = quantile(0.99);
  statistics->quantiles.clear();
  for (const double q : quantiles) statistics->quantiles.push_back({q, quantile(q)});
}

void SetUndefinedOrderStatistics(const std::vector<double>& quantiles, Statistics* statistics) {
  const double quantile = statistics->count == 0 ? kInfinity : kNan;
  statistics->has_order_statistics = true;
  statistics->median = statistics->count == 0 ? 0 : kNan;
  statistics->p90 = statistics->p95 = statistics->p99 = quantile;
  statistics->quantiles.clear();
  for (const double q : quantiles) statistics->quantiles.push_back({q, quantile});
}

template <typename Real>
std::vector<OrderedKey<Real>> EdgeKeys(const Histogram& histogram) {
  std::vector<OrderedKey<Real>> keys;
  if (!histogram.valid) return keys;
  for (const double edge : histogram.edges) {
    const Real rounded_up = -RoundDown<Real>(-edge);
    keys.push_back(KeyOf(rounded_up));
  }
  keys.back() = KeyOf(RoundDown<Real>(histogram.edges.back())) + 1;
  return keys;
}

void SetBinCounts(const std::vector<int64_t>& at_least, Histogram* histogram) {
  for (size_t bin = 0; bin < histogram->counts.size(); ++bin) {
    histogram->counts[bin] = at_least[bin] - at_least[bin + 1];
  }
}

template Statistics MakeStatistics(const StreamTotals<float>&, double, int64_t);
template Statistics MakeStatistics(const StreamTotals<double>&, double, int64_t);
template SpecialValues MakeSpecialValues(const StreamTotals<float>&, int64_t, int64_t);
template SpecialValues MakeSpecialValues(const StreamTotals<double>&, int64_t, int64_t);
template double QuantileFromRanks(double, int64_t, const std::vector<int64_t>&,
                                  const std::vector<float>&, Precision);
template double QuantileFromRanks(double, int64_t, const std::vector<int64_t>&,
                                  const std::vector<double>&, Precision);
template void SetOrderStatistics(const std::vector<int64_t>&, const std::vector<float>&,
                                 const std::vector<double>&, Precision, Statistics*);
template void SetOrderStatistics(const std::vector<int64_t>&, const std::vector<double>&,
                                 const std::vector<double>&, Precision, Statistics*);
template std::vector<int32_t> EdgeKeys<float>(const Histogram&);
template std::vector<int64_t> EdgeKeys<double>(const Histogram&);

}  // namespace assay
