#include "compare/rank_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <type_traits>
#include <utility>

namespace assay {
namespace {

// Slack of a stretch in standard deviations of a sample rank: one in some ten thousand is too
// short.
constexpr double kDeviations = 4.0;

constexpr size_t kDigitCount = 512;

// Divides the keys of one range into at most kDigitCount equal parts.
template <typename Key>
struct Digits {
  using Unsigned = std::make_unsigned_t<Key>;

  Digits(Key first, Key last) : begin(first) {
    const Unsigned width = static_cast<Unsigned>(last) - static_cast<Unsigned>(first);
    shift = std::max(0, static_cast<int>(std::bit_width(width)) -
                            static_cast<int>(std::bit_width(kDigitCount - 1)));
  }
  size_t Of(Key key) const {
    return static_cast<size_t>((static_cast<Unsigned>(key) - static_cast<Unsigned>(begin)) >>
                               shift);
  }

  Key begin;
  int shift = 0;
};

// A wanted rank, counted among the keys of its bucket, and where its value goes.
struct WantedRank {
  int64_t rank = 0;
  size_t place = 0;
};

// One part of the keys, with the ranks that fall into it.
template <typename Key>
struct Bucket {
  std::vector<WantedRank> wanted;
  std::vector<Key> keys;
};

template <typename Key>
void SelectInBucket(const Bucket<Key>& bucket, std::vector<Key>* values);

// Buckets of the digits of all ranges that hold a wanted rank. ranges: increasing and disjoint,
// digit d of range r counts in histogram[r * kDigitCount + d].
template <typename Key>
class Buckets {
 public:
  explicit Buckets(std::vector<Digits<Key>> ranges)
      : ranges_(std::move(ranges)), histogram_(ranges_.size() * kDigitCount) {}

  void Count(std::span<const Key> keys) {
    for (const Key key : keys) ++histogram_[SlotOf(key)];
  }

  // Keys of range r.
  int64_t CountOf(size_t range) const {
    int64_t count = 0;
    for (size_t digit = 0; digit < kDigitCount; ++digit) {
      count += histogram_[range * kDigitCount + digit];
    }
    return count;
  }

  // wanted: increasing ranks among all keys.
  void Choose(std::span<const WantedRank> wanted) {
    bucket_of_slot_.assign(histogram_.size(), 0);
    int64_t below = 0;
    size_t next = 0;
    for (size_t slot = 0; slot < histogram_.size() && next < wanted.size(); ++slot) {
      const int64_t end = below + histogram_[slot];
      if (wanted[next].rank < end) {
        buckets_.emplace_back();
        buckets_.back().keys.reserve(static_cast<size_t>(histogram_[slot]));
        bucket_of_slot_[slot] = static_cast<uint32_t>(buckets_.size());
      }
      for (; next < wanted.size() && wanted[next].rank < end; ++next) {
        buckets_.back().wanted.push_back({wanted[next].rank - below, wanted[next].place});
      }
      below = end;
    }
  }

  void Gather(std::span<const Key> keys) {
    for (const Key key : keys) {
      const uint32_t bucket = bucket_of_slot_[SlotOf(key)];
      if (bucket != 0) buckets_[bucket - 1].keys.push_back(key);
    }
  }

  const std::vector<Bucket<Key>>& buckets() const { return buckets_; }

 private:
  size_t SlotOf(Key key) const {
    size_t range = 0;
    for (size_t i = 1; i < ranges_.size(); ++i) range += key >= ranges_[i].begin;
    return range * kDigitCount + ranges_[range].Of(key);
  }

  std::vector<Digits<Key>> ranges_;
  std::vector<uint32_t> histogram_;
  std::vector<uint32_t> bucket_of_slot_;  // 1-based; 0: no rank falls here
  std::vector<Bucket<Key>> buckets_;
};

template <typename Key>
void SelectInRanges(std::span<const Key> keys, std::span<const WantedRank> wanted,
                    Buckets<Key>* buckets, std::vector<Key>* values) {
  buckets->Choose(wanted);
  buckets->Gather(keys);
  for (const Bucket<Key>& bucket : buckets->buckets()) SelectInBucket(bucket, values);
}

template <typename Key>
void SelectInBucket(const Bucket<Key>& bucket, std::vector<Key>* values) {
  constexpr size_t kSortDirectly = 2048;
  const auto [min, max] = std::minmax_element(bucket.keys.begin(), bucket.keys.end());
  if (*min == *max) {
    for (const WantedRank& wanted : bucket.wanted) (*values)[wanted.place] = *min;
  } else if (bucket.keys.size() <= kSortDirectly) {
    std::vector<Key> sorted = bucket.keys;
    std::sort(sorted.begin(), sorted.end());
    for (const WantedRank& wanted : bucket.wanted) {
      (*values)[wanted.place] = sorted[static_cast<size_t>(wanted.rank)];
    }
  } else {
    Buckets<Key> buckets({Digits<Key>(*min, *max)});
    buckets.Count(bucket.keys);
    SelectInRanges<Key>(bucket.keys, bucket.wanted, &buckets, values);
  }
}

template <typename Key>
bool IsBelow(const KnownBound<Key>& bound, Key key) {
  return bound.key < key;
}

// The last known bound with at most `rank` elements below it.
template <typename Key>
size_t BoundBefore(std::span<const KnownBound<Key>> known, int64_t rank) {
  const auto after = std::upper_bound(
      known.begin(), known.end(), rank,
      [](int64_t wanted, const KnownBound<Key>& bound) { return wanted < bound.below; });
  return static_cast<size_t>(after - known.begin()) - 1;
}

template <typename Key>
bool IsSingleValue(std::span<const KnownBound<Key>> known, size_t bound) {
  return known[bound].key + 1 == known[bound + 1].key;
}

// What to collect between two neighbouring known bounds: the elements before `low_end` and those
// from `high_begin` on.
template <typename Key>
struct Stretches {
  Key low_end;
  Key high_begin;
};

// Widens the stretches between known bounds so that `rank` most likely lies in one.
template <typename Key>
void CoverRank(std::span<const Key> sample, const KnownBound<Key>& begin,
               const KnownBound<Key>& end, int64_t rank, Stretches<Key>* stretches) {
  const auto first = std::lower_bound(sample.begin(), sample.end(), begin.key);
  const auto last = std::lower_bound(first, sample.end(), end.key);
  const auto size = static_cast<double>(last - first);
  const double t = (static_cast<double>(rank - begin.below) + 0.5) /
                   static_cast<double>(end.below - begin.below);
  // The sample rank of an element whose rank between the bounds is known varies binomially.
  const double slack = kDeviations * std::sqrt(size * t * (1 - t)) + 2;
  const double low = std::floor(size * t - slack);
  const double high = std::ceil(size * t + slack);
  if (high <= size - low) {
    const Key until = high < size ? first[static_cast<ptrdiff_t>(high)] + 1 : end.key;
    stretches->low_end = std::max(stretches->low_end, until);
  } else {
    const Key from = low >= 0 ? first[static_cast<ptrdiff_t>(low)] : begin.key;
    stretches->high_begin = std::min(stretches->high_begin, from);
  }
}

// From so many occurrences in the sample on, counting a value is cheaper than collecting it.
template <typename Key>
ptrdiff_t HeavyRun(std::span<const Key> sample) {
  return std::max<ptrdiff_t>(8, static_cast<ptrdiff_t>(sample.size() / 256));
}

// Values in [begin, end) that repeat often.
template <typename Key>
std::vector<Key> HeavyValues(std::span<const Key> sample, Key begin, Key end) {
  std::vector<Key> heavy;
  auto at = std::lower_bound(sample.begin(), sample.end(), begin);
  while (at < sample.end() && *at < end) {
    const auto run_end = std::upper_bound(at, sample.end(), *at);
    if (run_end - at >= HeavyRun(sample)) heavy.push_back(*at);
    at = run_end;
  }
  return heavy;
}

// Adds [begin, end) to the plan without its heavy values.
template <typename Key>
void AddRange(std::span<const Key> sample, Key begin, Key end, RankPlan<Key>* plan) {
  for (const Key value : HeavyValues(sample, begin, end)) {
    if (begin < value) plan->ranges.push_back({begin, value});
    plan->count_bounds.insert(plan->count_bounds.end(), {value, value + 1});
    begin = value + 1;
  }
  if (begin < end) plan->ranges.push_back({begin, end});
}

}  // namespace

template <typename Key>
std::vector<Key> ChoosePivots(std::span<const Key> sorted_sample, int64_t count,
                              std::span<const int64_t> ranks) {
  std::vector<Key> pivots;
  if (sorted_sample.empty()) return pivots;
  double previous = -2;
  for (const int64_t rank : ranks) {
    const double place = (static_cast<double>(rank) + 0.5) / static_cast<double>(count) *
                         static_cast<double>(sorted_sample.size());
    // One pivot serves the two neighbours that a quantile lies between.
    if (place - previous < 1) continue;
    previous = place;
    const Key pivot = sorted_sample[std::min(static_cast<size_t>(place), sorted_sample.size() - 1)];
    const auto [first, last] = std::equal_range(sorted_sample.begin(), sorted_sample.end(), pivot);
    pivots.push_back(pivot);
    // A value that repeats often may well be the wanted one.
    if (last - first >= HeavyRun(sorted_sample)) pivots.push_back(pivot + 1);
  }
  std::sort(pivots.begin(), pivots.end());
  pivots.erase(std::unique(pivots.begin(), pivots.end()), pivots.end());
  return pivots;
}

template <typename Key>
RankPlan<Key> PlanRanks(std::span<const Key> sorted_sample, std::span<const KnownBound<Key>> known,
                        std::span<const int64_t> ranks) {
  RankPlan<Key> plan;
  for (size_t i = 0; i < ranks.size();) {
    const size_t bound = BoundBefore(known, ranks[i]);
    const KnownBound<Key>& begin = known[bound];
    const KnownBound<Key>& end = known[bound + 1];
    Stretches<Key> stretches = {begin.key, end.key};
    for (; i < ranks.size() && ranks[i] < end.below; ++i) {
      if (!IsSingleValue(known, bound)) CoverRank(sorted_sample, begin, end, ranks[i], &stretches);
    }
    if (IsSingleValue(known, bound)) continue;
    if (stretches.low_end >= stretches.high_begin) {
      AddRange(sorted_sample, begin.key, end.key, &plan);
      continue;
    }
    if (begin.key < stretches.low_end) {
      AddRange(sorted_sample, begin.key, stretches.low_end, &plan);
    }
    if (stretches.high_begin < end.key) {
      AddRange(sorted_sample, stretches.high_begin, end.key, &plan);
    }
  }
  std::sort(plan.count_bounds.begin(), plan.count_bounds.end());
  plan.count_bounds.erase(std::unique(plan.count_bounds.begin(), plan.count_bounds.end()),
                          plan.count_bounds.end());

  double sampled = 0;
  for (const CollectedRange<Key>& range : plan.ranges) {
    const auto first = std::lower_bound(sorted_sample.begin(), sorted_sample.end(), range.begin);
    sampled += static_cast<double>(std::lower_bound(first, sorted_sample.end(), range.end) - first);
    if (!plan.collected_keys.empty() && plan.collected_keys.back().max + 1 == range.begin) {
      plan.collected_keys.back().max = range.end - 1;
    } else {
      plan.collected_keys.push_back({range.begin, range.end - 1});
    }
  }
  plan.largest_fraction = sorted_sample.empty()
                              ? 1.0
                              : std::min(1.0, (sampled + kDeviations * std::sqrt(sampled) + 8) /
                                                  static_cast<double>(sorted_sample.size()));
  return plan;
}

template <typename Key>
std::optional<std::vector<Key>> ResolveRanks(const RankPlan<Key>& plan,
                                             std::span<const KnownBound<Key>> known,
                                             std::span<const int64_t> ranks,
                                             std::span<const Key> collected) {
  const auto find_known = [&](Key key) -> const KnownBound<Key>* {
    const auto at = std::lower_bound(known.begin(), known.end(), key, IsBelow<Key>);
    return at != known.end() && at->key == key ? &*at : nullptr;
  };
  std::vector<Digits<Key>> digits;
  for (const CollectedRange<Key>& range : plan.ranges)
    digits.emplace_back(range.begin, range.end - 1);
  Buckets<Key> buckets(std::move(digits));
  buckets.Count(collected);

  // Ranks of the data that each range spans, and how many collected keys lie before it.
  struct Span {
    int64_t first;
    int64_t last;
    int64_t collected_before;
  };
  std::vector<Span> spans;
  int64_t before = 0;
  for (size_t i = 0; i < plan.ranges.size(); ++i) {
    const int64_t size = buckets.CountOf(i);
    const KnownBound<Key>* begin = find_known(plan.ranges[i].begin);
    const KnownBound<Key>* end = find_known(plan.ranges[i].end);
    const int64_t first = begin != nullptr ? begin->below : end->below - size;
    spans.push_back({first, first + size, before});
    before += size;
  }

  std::vector<Key> values(ranks.size());
  std::vector<WantedRank> wanted;
  size_t span = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    const size_t bound = BoundBefore(known, ranks[i]);
    if (IsSingleValue(known, bound)) {
      values[i] = known[bound].key;
      continue;
    }
    while (span < spans.size() && spans[span].last <= ranks[i]) ++span;
    if (span == spans.size() || ranks[i] < spans[span].first) return std::nullopt;
    wanted.push_back({spans[span].collected_before + ranks[i] - spans[span].first, i});
  }
  if (!wanted.empty()) SelectInRanges<Key>(collected, wanted, &buckets, &values);
  return values;
}

template <typename Key>
std::vector<Key> SelectRanks(std::span<const Key> data, std::span<const int64_t> ranks) {
  std::vector<Key> values(ranks.size());
  if (ranks.empty()) return values;
  Bucket<Key> whole;
  whole.keys.assign(data.begin(), data.end());
  for (size_t i = 0; i < ranks.size(); ++i) whole.wanted.push_back({ranks[i], i});
  SelectInBucket(whole, &values);
  return values;
}

template <typename Key>
void RadixSort(std::vector<Key>* keys) {
  using Unsigned = std::make_unsigned_t<Key>;
  constexpr int kDigitBits = 11;
  constexpr int kBits = static_cast<int>(sizeof(Key) * 8);
  constexpr size_t kDigitPlaces = (kBits + kDigitBits - 1) / kDigitBits;
  constexpr Unsigned kSignBit = Unsigned{1} << (kBits - 1);
  constexpr Unsigned kMask = (1u << kDigitBits) - 1;
  std::vector<std::array<size_t, 1 << kDigitBits>> starts(kDigitPlaces);
  for (const Key key : *keys) {
    Unsigned rest = static_cast<Unsigned>(key) ^ kSignBit;
    for (size_t digit = 0; digit < kDigitPlaces; ++digit, rest >>= kDigitBits) {
      ++starts[digit][static_cast<size_t>(rest & kMask)];
    }
  }
  std::vector<Key> other(keys->size());
  for (size_t digit = 0; digit < kDigitPlaces; ++digit) {
    size_t start = 0;
    for (size_t& count : starts[digit]) start += std::exchange(count, start);
    const int shift = static_cast<int>(digit) * kDigitBits;
    for (const Key key : *keys) {
      const Unsigned value = (static_cast<Unsigned>(key) ^ kSignBit) >> shift;
      other[starts[digit][static_cast<size_t>(value & kMask)]++] = key;
    }
    keys->swap(other);
  }
}

template std::vector<int32_t> ChoosePivots(std::span<const int32_t>, int64_t,
                                           std::span<const int64_t>);
template std::vector<int64_t> ChoosePivots(std::span<const int64_t>, int64_t,
                                           std::span<const int64_t>);
template RankPlan<int32_t> PlanRanks(std::span<const int32_t>, std::span<const KnownBound<int32_t>>,
                                     std::span<const int64_t>);
template RankPlan<int64_t> PlanRanks(std::span<const int64_t>, std::span<const KnownBound<int64_t>>,
                                     std::span<const int64_t>);
template std::optional<std::vector<int32_t>> ResolveRanks(const RankPlan<int32_t>&,
                                                          std::span<const KnownBound<int32_t>>,
                                                          std::span<const int64_t>,
                                                          std::span<const int32_t>);
template std::optional<std::vector<int64_t>> ResolveRanks(const RankPlan<int64_t>&,
                                                          std::span<const KnownBound<int64_t>>,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>);
template std::vector<int32_t> SelectRanks(std::span<const int32_t>, std::span<const int64_t>);
template std::vector<int64_t> SelectRanks(std::span<const int64_t>, std::span<const int64_t>);
template void RadixSort(std::vector<int32_t>*);
template void RadixSort(std::vector<int64_t>*);

}  // namespace assay
