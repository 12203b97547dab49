#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/monitor.h"
#include "base/thread_pool.h"
#include "compare/comparison.h"
#include "compare/pair_blocks.h"
#include "compare/stream_samples.h"

namespace assay {

// What the first sweep over a pair finds in one stream. Sums and extremes are over finite elements;
// indices are those of the first occurrence, -1 for none.
template <typename Real>
struct StreamTotals {
  using Key = OrderedKey<Real>;

  int64_t finite_count = 0;
  int64_t nan_count = 0;
  int64_t positive_infinity_count = 0;
  int64_t negative_infinity_count = 0;
  int64_t first_nan = -1;
  int64_t first_positive_infinity = -1;
  int64_t first_negative_infinity = -1;
  Moments moments;   // about the shift of the sweep
  int exponent = 0;  // moments and shift are those of the values over 2^exponent
  Key min_key = 0;
  Key max_key = 0;
  int64_t min_index = -1;
  int64_t max_index = -1;

  // Adds what was found in elements after those of *this.
  void Append(const StreamTotals& later);
};

struct UlpTotals {
  int64_t count = 0;
  uint64_t max = 0;
  int64_t max_index = -1;
  std::array<int64_t, UlpDistance::kBounds.size()> beyond = {};  // at a distance above kBounds[i]

  void Append(const UlpTotals& later);
};

template <typename Real>
struct PairTotals {
  std::array<StreamTotals<Real>, kStreamCount> streams;
  std::array<double, kStreamCount> shifts = {};
  // Over blocks in which both tensors are finite, of values over 2^exponent.
  double dot = 0;
  MismatchCounts mismatches;
  int64_t first_mismatch = -1;
  UlpTotals ulp;
  std::array<int64_t, 2> zeros = {};  // of the output and of the reference
  std::array<int64_t, 2> subnormals = {};
  SpecialValueDifferences special_differences;
  int64_t first_zero_over_zero = -1;
  // Finite elements have a difference that Real does not hold.
  bool overflows = false;
  std::array<std::vector<int64_t>, kStreamCount> pivot_counts;  // elements at or above each pivot

  void Append(const PairTotals& later);
};

// Sweeps once over all elements. pivots: increasing keys of each stream to count at. The result is
// the same for every number of threads and every instruction set.
template <typename Real>
PairTotals<Real> SweepTotals(const PairBlocks<Real>& blocks, const CompareOptions& options,
                             const StreamKeys<Real>& pivots, ThreadPool& pool,
                             const Monitor& monitor);

}  // namespace assay
