#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace assay {

// Exact order statistics of data that is too large to sort, from one sweep over it. A sorted sample
// gives narrow brackets around the wanted ranks; the sweep counts the elements below every bound
// and collects those inside the brackets; the wanted elements are then selected among the collected
// ones. The sample decides only how many are collected, and, rarely, whether a bracket misses its
// rank. A value that fills much of a bracket by itself is not collected: counting it is enough.
template <typename Key>
struct RankBrackets {
  // Increasing bounds. Every element is compared with every bound; the counts of elements at or
  // above each are what Resolve needs.
  std::vector<Key> count_bounds;
  // Increasing, each pair the begin and the end of a range whose elements are collected.
  std::vector<Key> collect_bounds;
  double largest_fraction = 0;  // of the elements that will be collected, most likely
};

// ranks: wanted positions in the sorted data of `count` elements, increasing. An empty sample gives
// one bracket that holds every key. Keys lie in [-largest, largest].
template <typename Key>
RankBrackets<Key> BracketRanks(std::span<const Key> sorted_sample, int64_t count,
                               std::span<const int64_t> ranks, Key largest);

// Keys at the ranks, in their order; nullopt if a bracket missed. counts_*: elements >= each bound.
template <typename Key>
std::optional<std::vector<Key>> ResolveRanks(const RankBrackets<Key>& brackets, int64_t count,
                                             std::span<const int64_t> ranks,
                                             std::span<const int64_t> counts_at_count_bounds,
                                             std::span<const int64_t> counts_at_collect_bounds,
                                             std::span<const Key> collected);

// Keys at increasing ranks of unsorted data, by repeated histograms of the leading bits.
template <typename Key>
std::vector<Key> SelectRanks(std::span<const Key> data, std::span<const int64_t> ranks);

// Sorts by the bits from the least significant on.
template <typename Key>
void RadixSort(std::vector<Key>* keys);

}  // namespace assay
