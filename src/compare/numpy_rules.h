#pragma once

#include <cstdint>
#include <vector>

#include "compare/statistics.h"
#include "tensor/dtype.h"

// numpy's arithmetic where its rounding shows in the figures: interpolation of quantiles and edges
// of histograms happen in the array's own type.

namespace assay {

enum class Precision { kHalf, kSingle, kDouble };

// The type in which numpy would hold such an array: float16 stays, types that numpy lacks are read
// as float32, integers and bool interpolate in float64.
Precision PrecisionOf(DType dtype);

// The position between two ranks that a quantile of `count` elements falls on.
struct RankPosition {
  int64_t lower = 0;
  int64_t upper = 0;
  double weight = 0;  // of the upper one
};
RankPosition QuantilePosition(double q, int64_t count);

// numpy.quantile's interpolation: lower + (upper - lower) * weight, from the nearer end.
double Interpolate(double lower, double upper, double weight, Precision precision);

// numpy.median: the mean of the two middle elements (both the same for an odd count).
double MiddleOf(double lower, double upper, Precision precision);

// numpy.histogram's edges for ten bins. own_range: the range comes from the array itself, so that
// the edges are computed in its type; else they are computed in float64 and rounded. The histogram
// is invalid if the range is not finite or too narrow for ten bins.
Histogram EmptyHistogram(double min, double max, Precision precision, bool own_range);

}  // namespace assay
