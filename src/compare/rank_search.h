#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compare/block_kernels.h"

namespace assay {

// Exact order statistics of data that is too large to sort, in two sweeps over it. A sorted sample
// guesses a pivot near every wanted rank. The first sweep counts the elements below each pivot, so
// that the distance of the rank from its pivot is known. The second sweep collects the elements on
// that stretch, and the wanted ones are selected among them. The sample decides only how much is
// collected, and, rarely, whether a stretch turns out too short. A value that repeats often is
// counted and never collected.

// `below` elements are smaller than `key`.
template <typename Key>
struct KnownBound {
  Key key = 0;
  int64_t below = 0;
};

// The keys whose elements the first sweep has to count: increasing, none for an empty sample.
// ranks: wanted positions in the sorted data of `count` elements, increasing.
template <typename Key>
std::vector<Key> ChoosePivots(std::span<const Key> sorted_sample, int64_t count,
                              std::span<const int64_t> ranks);

// The elements in [begin, end). One of the two keys is a known bound by the end of the second
// sweep.
template <typename Key>
struct CollectedRange {
  Key begin = 0;
  Key end = 0;
};

template <typename Key>
struct RankPlan {
  std::vector<Key> count_bounds;            // increasing: count the elements below each
  std::vector<CollectedRange<Key>> ranges;  // increasing and disjoint
  std::vector<KeyRange<Key>>
      collected_keys;           // the same with their last keys, adjacent ranges joined
  double largest_fraction = 0;  // of the elements that will be collected, most likely
};

// known: increasing, from a bound below all elements to one above them all.
template <typename Key>
RankPlan<Key> PlanRanks(std::span<const Key> sorted_sample, std::span<const KnownBound<Key>> known,
                        std::span<const int64_t> ranks);

// Keys at the ranks, in their order; nullopt if a stretch was too short. known: as for PlanRanks,
// the plan's count bounds included. collected: the elements of all ranges, in any order.
template <typename Key>
std::optional<std::vector<Key>> ResolveRanks(const RankPlan<Key>& plan,
                                             std::span<const KnownBound<Key>> known,
                                             std::span<const int64_t> ranks,
                                             std::span<const Key> collected);

// Keys at increasing ranks of unsorted data, by repeated histograms.
template <typename Key>
std::vector<Key> SelectRanks(std::span<const Key> data, std::span<const int64_t> ranks);

// Sorts digit by digit from the least significant on.
template <typename Key>
void RadixSort(std::vector<Key>* keys);

}  // namespace assay
