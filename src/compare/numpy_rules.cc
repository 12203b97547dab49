#include "compare/numpy_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/narrow_float.h"

namespace assay {
namespace {

// NaN comes out without a sign, whatever the arithmetic made.
double Round(double value, Precision precision) {
  if (std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
  switch (precision) {
    case Precision::kHalf:
      return RoundToDType(DType::kFloat16, value);
    case Precision::kSingle:
      return static_cast<float>(value);
    case Precision::kDouble:
      return value;
  }
  return value;
}

}  // namespace

Precision PrecisionOf(DType dtype) {
  if (dtype == DType::kFloat16) return Precision::kHalf;
  if (dtype == DType::kFloat64 || !IsFloating(dtype)) return Precision::kDouble;
  return Precision::kSingle;
}

RankPosition QuantilePosition(double q, int64_t count) {
  const double position = static_cast<double>(count - 1) * q;
  RankPosition result;
  result.lower = std::min(static_cast<int64_t>(std::floor(position)), count - 1);
  result.upper = std::min(result.lower + 1, count - 1);
  result.weight = position - static_cast<double>(result.lower);
  return result;
}

double Interpolate(double lower, double upper, double weight, Precision precision) {
  const double difference = Round(upper - lower, precision);
  if (std::isinf(difference) && std::isfinite(lower) && std::isfinite(upper)) {
    return Round(lower * (1 - weight) + upper * weight, precision);
  }
  if (weight >= 0.5) {
    return Round(upper - Round(difference * Round(1 - weight, precision), precision), precision);
  }
  return Round(lower + Round(difference * Round(weight, precision), precision), precision);
}

double MiddleOf(double lower, double upper, Precision precision) {
  if (lower == upper) return lower;
  const double sum = Round(lower + upper, precision);
  return Round(std::isinf(sum) ? lower / 2 + upper / 2 : sum / 2, precision);
}

Histogram EmptyHistogram(double min, double max, Precision precision, bool own_range) {
  Histogram histogram;
  if (!std::isfinite(min) || !std::isfinite(max)) return histogram;
  histogram.valid = true;
  const Precision arithmetic = own_range ? precision : Precision::kDouble;
  double first = min;
  double last = max;
  if (first == last) {
    first = Round(first - 0.5, arithmetic);
    last = Round(last + 0.5, arithmetic);
  }
  const double width = Round(last - first, arithmetic);
  const double step = Round(width / Histogram::kBins, arithmetic);
  for (int i = 0; i <= Histogram::kBins; ++i) {
    double offset = Round(i * step, arithmetic);
    // Below the smallest subnormal step numpy divides first.
    if (step == 0) {
      offset =
          Round(Round(static_cast<double>(i) / Histogram::kBins, arithmetic) * width, arithmetic);
    }
    histogram.edges[static_cast<size_t>(i)] = Round(Round(first + offset, arithmetic), precision);
  }
  histogram.edges[Histogram::kBins] = Round(last, precision);
  for (size_t i = 0; i < Histogram::kBins; ++i) {
    if (!(histogram.edges[i] < histogram.edges[i + 1])) histogram.valid = false;
  }
  return histogram;
}

}  // namespace assay
