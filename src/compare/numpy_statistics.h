#pragma once

#include <cstdint>
#include <vector>

#include "compare/numpy_rules.h"
#include "compare/pair_totals.h"
#include "compare/statistics.h"

namespace assay {

// What numpy would say about a stream of `count` elements, but for order statistics.
template <typename Real>
Statistics MakeStatistics(const StreamTotals<Real>& totals, double shift, int64_t count);

template <typename Real>
SpecialValues MakeSpecialValues(const StreamTotals<Real>& totals, int64_t zeros,
                                int64_t subnormals);

// The ranks that the median, the percentiles and further quantiles of `count` elements need,
// increasing.
std::vector<int64_t> RanksForQuantiles(const std::vector<double>& quantiles, int64_t count);

// Value of one quantile, from the values at ranks.
template <typename Real>
double QuantileFromRanks(double q, int64_t count, const std::vector<int64_t>& ranks,
                         const std::vector<Real>& values, Precision precision);

// Fills the order statistics in; `quantiles` become Statistics::quantiles.
template <typename Real>
void SetOrderStatistics(const std::vector<int64_t>& ranks, const std::vector<Real>& values,
                        const std::vector<double>& quantiles, Precision precision,
                        Statistics* statistics);
// The same for a stream with a NaN, and for an empty one.
void SetUndefinedOrderStatistics(const std::vector<double>& quantiles, Statistics* statistics);

// Keys of a histogram's edges, for counting elements at or above each: Histogram::kBins + 1 of
// them, the last one just above the range.
template <typename Real>
std::vector<OrderedKey<Real>> EdgeKeys(const Histogram& histogram);

// Bin counts from the numbers of elements at or above each edge key.
void SetBinCounts(const std::vector<int64_t>& at_least, Histogram* histogram);

}  // namespace assay
