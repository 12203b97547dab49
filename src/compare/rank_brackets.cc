#include "compare/rank_brackets.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace assay {
namespace {

// Half width of a bracket in standard deviations of a sample rank: a bracket misses about once in
// 10^4.
constexpr double kBracketDeviations = 4.0;

template <typename Key>
struct KeySpan {
  Key begin;
  Key end;
  size_t sample_begin;  // positions in the sample that the span stands for
  size_t sample_end;
};

// Brackets of all ranks, increasing and disjoint.
template <typename Key>
std::vector<KeySpan<Key>> DisjointBrackets(std::span<const Key> sample, int64_t count,
                                           std::span<const int64_t> ranks, Key largest) {
  std::vector<KeySpan<Key>> spans;
  const auto size = static_cast<double>(sample.size());
  for (const int64_t rank : ranks) {
    const double p = (static_cast<double>(rank) + 0.5) / static_cast<double>(count);
    const double half = kBracketDeviations * std::sqrt(size * p * (1 - p)) + 2;
    const double low = std::floor(size * p - half);
    const double high = std::ceil(size * p + half);
    KeySpan<Key> span = {-largest, largest, 0, sample.size()};
    if (low >= 0) {
      span.sample_begin = static_cast<size_t>(low);
      span.begin = sample[span.sample_begin];
    }
    if (high < size) {
      span.sample_end = static_cast<size_t>(high) + 1;
      span.end = sample[span.sample_end - 1] + 1;
    }
    if (!spans.empty() && span.begin <= spans.back().end) {
      spans.back().end = std::max(spans.back().end, span.end);
      spans.back().sample_end = std::max(spans.back().sample_end, span.sample_end);
    } else {
      spans.push_back(span);
    }
  }
  return spans;
}

// Values inside the span that occur often: as often as an eighth of the sample it stands for.
template <typename Key>
std::vector<Key> HeavyValues(std::span<const Key> sample, const KeySpan<Key>& span) {
  constexpr ptrdiff_t kFewest = 8;
  const ptrdiff_t threshold =
      std::max(kFewest, static_cast<ptrdiff_t>(span.sample_end - span.sample_begin) / 8);
  const auto end = sample.begin() + static_cast<ptrdiff_t>(span.sample_end);
  auto at = sample.begin() + static_cast<ptrdiff_t>(span.sample_begin);
  std::vector<Key> heavy;
  while (at < end) {
    // The whole run counts, also what lies outside the span.
    const auto [first, last] = std::equal_range(sample.begin(), sample.end(), *at);
    if (last - first >= threshold) heavy.push_back(*at);
    at = last;
  }
  return heavy;
}

// Appends the keys at `ranks` of data of which `below` elements of the whole lie before.
template <typename Key>
void SelectInto(std::span<const Key> data, std::span<const int64_t> ranks, int64_t below,
                std::vector<Key>* out) {
  using Unsigned = std::make_unsigned_t<Key>;
  constexpr size_t kSortDirectly = 2048;
  constexpr int kDigitBits = 11;
  if (data.size() <= kSortDirectly) {
    std::vector<Key> sorted(data.begin(), data.end());
    std::sort(sorted.begin(), sorted.end());
    for (const int64_t rank : ranks) out->push_back(sorted[static_cast<size_t>(rank - below)]);
    return;
  }
  Key min = data[0];
  Key max = data[0];
  for (const Key key : data) {
    min = std::min(min, key);
    max = std::max(max, key);
  }
  const Unsigned width = static_cast<Unsigned>(max) - static_cast<Unsigned>(min);
  const int shift = std::max(0, static_cast<int>(std::bit_width(width)) - kDigitBits);
  const auto digit_of = [&](Key key) {
    return static_cast<size_t>((static_cast<Unsigned>(key) - static_cast<Unsigned>(min)) >> shift);
  };
  std::array<int64_t, 1 << kDigitBits> histogram = {};
  for (const Key key : data) ++histogram[digit_of(key)];

  // The buckets that hold a rank are gathered in one pass, then searched one by one.
  struct Bucket {
    size_t digit;
    int64_t below;
    std::span<const int64_t> ranks;
    std::vector<Key> keys;
  };
  std::vector<Bucket> buckets;
  std::array<uint16_t, 1 << kDigitBits> bucket_of = {};  // 1-based; 0: no rank falls here
  for (size_t digit = 0; digit < histogram.size() && !ranks.empty(); ++digit) {
    const int64_t end = below + histogram[digit];
    size_t inside = 0;
    while (inside < ranks.size() && ranks[inside] < end) ++inside;
    if (inside > 0) {
      buckets.push_back({digit, below, ranks.first(inside), {}});
      buckets.back().keys.reserve(shift == 0 ? 0 : static_cast<size_t>(histogram[digit]));
      bucket_of[digit] = static_cast<uint16_t>(buckets.size());
    }
    ranks = ranks.subspan(inside);
    below = end;
  }
  if (shift > 0) {
    for (const Key key : data) {
      if (const uint16_t bucket = bucket_of[digit_of(key)]) buckets[bucket - 1].keys.push_back(key);
    }
  }
  for (const Bucket& bucket : buckets) {
    if (shift == 0) {
      const auto value = static_cast<Key>(static_cast<Unsigned>(min) + bucket.digit);
      out->insert(out->end(), bucket.ranks.size(), value);
    } else {
      SelectInto<Key>(bucket.keys, bucket.ranks, bucket.below, out);
    }
  }
}

}  // namespace

template <typename Key>
RankBrackets<Key> BracketRanks(std::span<const Key> sorted_sample, int64_t count,
                               std::span<const int64_t> ranks, Key largest) {
  RankBrackets<Key> brackets;
  if (ranks.empty()) return brackets;
  if (sorted_sample.empty()) {
    brackets.collect_bounds = {-largest, largest};
    brackets.largest_fraction = 1;
    return brackets;
  }
  std::vector<Key> all_bounds;
  for (const KeySpan<Key>& span : DisjointBrackets(sorted_sample, count, ranks, largest)) {
    Key begin = span.begin;
    const auto close = [&](Key end) {
      if (begin < end) brackets.collect_bounds.insert(brackets.collect_bounds.end(), {begin, end});
    };
    all_bounds.push_back(span.begin);
    for (const Key value : HeavyValues(sorted_sample, span)) {
      close(value);
      all_bounds.insert(all_bounds.end(), {value, value + 1});
      begin = value + 1;
    }
    close(span.end);
    all_bounds.push_back(span.end);
  }
  std::sort(all_bounds.begin(), all_bounds.end());
  all_bounds.erase(std::unique(all_bounds.begin(), all_bounds.end()), all_bounds.end());
  std::set_difference(all_bounds.begin(), all_bounds.end(), brackets.collect_bounds.begin(),
                      brackets.collect_bounds.end(), std::back_inserter(brackets.count_bounds));

  double collected_sample = 0;
  for (size_t i = 0; i < brackets.collect_bounds.size(); i += 2) {
    const auto first =
        std::lower_bound(sorted_sample.begin(), sorted_sample.end(), brackets.collect_bounds[i]);
    const auto last = std::lower_bound(first, sorted_sample.end(), brackets.collect_bounds[i + 1]);
    collected_sample += static_cast<double>(last - first);
  }
  brackets.largest_fraction =
      std::min(1.0, (collected_sample + kBracketDeviations * std::sqrt(collected_sample) + 8) /
                        static_cast<double>(sorted_sample.size()));
  return brackets;
}

template <typename Key>
std::optional<std::vector<Key>> ResolveRanks(const RankBrackets<Key>& brackets, int64_t count,
                                             std::span<const int64_t> ranks,
                                             std::span<const int64_t> counts_at_count_bounds,
                                             std::span<const int64_t> counts_at_collect_bounds,
                                             std::span<const Key> collected) {
  struct Bound {
    Key key;
    int64_t below;  // elements < key
    bool collects;  // elements from here to the next bound are collected
  };
  std::vector<Bound> bounds;
  for (size_t i = 0; i < brackets.count_bounds.size(); ++i) {
    bounds.push_back({brackets.count_bounds[i], count - counts_at_count_bounds[i], false});
  }
  for (size_t i = 0; i < brackets.collect_bounds.size(); ++i) {
    bounds.push_back({brackets.collect_bounds[i], count - counts_at_collect_bounds[i], i % 2 == 0});
  }
  std::sort(bounds.begin(), bounds.end(),
            [](const Bound& a, const Bound& b) { return a.key < b.key; });

  // A rank either falls on a counted value, or into a collected range, where it becomes a rank
  // among the collected keys.
  std::vector<Key> values(ranks.size());
  std::vector<int64_t> collected_ranks;
  std::vector<size_t> waiting;
  size_t next = 0;
  int64_t collected_below = 0;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const int64_t end = bounds[i + 1].below;
    if (next < ranks.size() && ranks[next] < bounds[i].below) return std::nullopt;
    while (next < ranks.size() && ranks[next] < end) {
      if (bounds[i].collects) {
        collected_ranks.push_back(collected_below + ranks[next] - bounds[i].below);
        waiting.push_back(next);
      } else if (bounds[i].key + 1 == bounds[i + 1].key) {
        values[next] = bounds[i].key;
      } else {
        return std::nullopt;
      }
      ++next;
    }
    if (bounds[i].collects) collected_below += end - bounds[i].below;
  }
  if (next < ranks.size() || collected_below != static_cast<int64_t>(collected.size())) {
    return std::nullopt;
  }
  const std::vector<Key> selected = SelectRanks<Key>(collected, collected_ranks);
  for (size_t i = 0; i < waiting.size(); ++i) values[waiting[i]] = selected[i];
  return values;
}

template <typename Key>
std::vector<Key> SelectRanks(std::span<const Key> data, std::span<const int64_t> ranks) {
  std::vector<Key> out;
  if (ranks.empty()) return out;
  SelectInto<Key>(data, ranks, 0, &out);
  return out;
}

template <typename Key>
void RadixSort(std::vector<Key>* keys) {
  using Unsigned = std::make_unsigned_t<Key>;
  constexpr int kDigitBits = 11;
  constexpr Unsigned kSignBit = Unsigned{1} << (sizeof(Key) * 8 - 1);
  std::vector<Key> other(keys->size());
  for (int shift = 0; shift < static_cast<int>(sizeof(Key) * 8); shift += kDigitBits) {
    const auto digit_of = [&](Key key) {
      return static_cast<size_t>(((static_cast<Unsigned>(key) ^ kSignBit) >> shift) &
                                 ((1u << kDigitBits) - 1));
    };
    std::array<size_t, (1 << kDigitBits) + 1> starts = {};
    for (const Key key : *keys) ++starts[digit_of(key) + 1];
    for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    for (const Key key : *keys) other[starts[digit_of(key)]++] = key;
    keys->swap(other);
  }
}

template struct RankBrackets<int32_t>;
template struct RankBrackets<int64_t>;
template RankBrackets<int32_t> BracketRanks(std::span<const int32_t>, int64_t,
                                            std::span<const int64_t>, int32_t);
template RankBrackets<int64_t> BracketRanks(std::span<const int64_t>, int64_t,
                                            std::span<const int64_t>, int64_t);
template std::optional<std::vector<int32_t>> ResolveRanks(const RankBrackets<int32_t>&, int64_t,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>,
                                                          std::span<const int32_t>);
template std::optional<std::vector<int64_t>> ResolveRanks(const RankBrackets<int64_t>&, int64_t,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>,
                                                          std::span<const int64_t>);
template std::vector<int32_t> SelectRanks(std::span<const int32_t>, std::span<const int64_t>);
template std::vector<int64_t> SelectRanks(std::span<const int64_t>, std::span<const int64_t>);
template void RadixSort(std::vector<int32_t>*);
template void RadixSort(std::vector<int64_t>*);

}  // namespace assay
