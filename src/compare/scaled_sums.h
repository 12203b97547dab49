#pragma once

#include "compare/pair_blocks.h"
#include "compare/pair_totals.h"

namespace assay {

// A sum of squares: sum * 4^exponent.
struct SquareSum {
  double sum = 0;
  int exponent = 0;

  double Root() const;
  double RootOfMean(double count) const;
};

// Sum of x^2 over a stream; NaN or infinity if the stream holds such.
template <typename Real>
SquareSum SquareSumOf(const StreamTotals<Real>& totals, double shift);

// sqrt(numerator / denominator); 0 where the numerator is 0, else NaN where the denominator is not
// finite.
double RootRatio(const SquareSum& numerator, const SquareSum& denominator);
// 10 log10(numerator / denominator); NaN where the numerator is not finite.
double RatioInDecibel(const SquareSum& numerator, const SquareSum& denominator);

// Squares of float64 leave its range where the elements are far from 1. Sums of such streams are
// taken again, of values over a power of two, by one more sweep; all others stay as they are.
template <typename Real>
void RescaleSums(const PairBlocks<Real>& blocks, ThreadPool& pool, const Monitor& monitor,
                 PairTotals<Real>* totals);

}  // namespace assay
