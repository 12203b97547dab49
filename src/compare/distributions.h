#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "compare/pair_blocks.h"
#include "compare/rank_search.h"

namespace assay {

// What one stream asks of the second sweep.
template <typename Real>
struct StreamRequest {
  using Key = OrderedKey<Real>;
  std::vector<int64_t> ranks;  // increasing: wanted positions in the sorted stream, NaN-free
  std::vector<Key> sample;     // sorted; empty: collect everything
  std::vector<KnownBound<Key>> known;  // increasing, from below all keys to above them
  std::vector<Key> edges;              // increasing: count the elements at or above each
};

template <typename Real>
struct StreamDistribution {
  std::vector<Real> values;       // at the ranks
  std::vector<int64_t> at_least;  // elements at or above each edge
};

// Largest value of one stream over the elements that another stream selects, and where it first
// occurs.
template <typename Key>
struct SelectedMax {
  Key key = 0;
  int64_t index = -1;

  void Append(const SelectedMax& later) {
    if (later.index >= 0 && (index < 0 || later.key > key)) *this = later;
  }
};

template <typename Real>
struct LogitSweep {
  using Key = OrderedKey<Real>;
  SelectedMax<Key> logit;
  SelectedMax<Key> log;
  SelectedMax<Key> logit_above_floor;
  SelectedMax<Key> log_above_floor;
  SelectedMax<Key> relative_above_floor;
  int64_t above_floor = 0;
  int64_t output_below_floor = 0;
  int64_t reference_below_floor = 0;
  int64_t output_outside = 0;
  int64_t first_outside = -1;
  int64_t saturated = 0;
  int64_t with_logits = 0;

  void Append(const LogitSweep& later);
};

template <typename Real>
struct DistributionRequest {
  using Key = OrderedKey<Real>;
  std::array<StreamRequest<Real>, kStreamCount> streams;
  // For every threshold: the largest relative difference of elements with |d| above it.
  std::vector<Key> absolute_thresholds;
  Key relative_threshold = 0;  // the largest |d| of elements with a relative difference above it
  std::optional<Tolerance> sum_tolerance;
  std::optional<Real> logit_floor;
};

template <typename Real>
struct Distributions {
  using Key = OrderedKey<Real>;
  std::array<StreamDistribution<Real>, kStreamCount> streams;
  std::vector<Key> max_relative_above;
  Key max_absolute_above = 0;
  SumToleranceSweep sum_tolerance;
  LogitSweep<Real> logit;
};

// Sweeps over all elements, once as a rule; again for a stream whose sample misled, or where the
// keys to collect would not fit into memory. Exact for any data.
template <typename Real>
Result<Distributions<Real>> SweepDistributions(const PairBlocks<Real>& blocks,
                                               const DistributionRequest<Real>& request,
                                               ThreadPool& pool, const Monitor& monitor);

}  // namespace assay
