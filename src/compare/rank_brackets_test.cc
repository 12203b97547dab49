#include "compare/rank_brackets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "compare/test_data.h"

namespace assay {
namespace {

constexpr int32_t kLargest = 0x7f800001;

// Data sets that are hard on a sample: ties, two values, few values, heavy tails, sorted, constant.
struct DataSet {
  const char* name;
  std::function<int32_t(size_t i, test::Uniform& random)> key;
};

const std::vector<DataSet>& DataSets() {
  static const std::vector<DataSet> sets = {
      {"uniform", [](size_t, test::Uniform& r) { return static_cast<int32_t>(r.NextBits() >> 2); }},
      {"signed",
       [](size_t, test::Uniform& r) {
         return static_cast<int32_t>(r.NextBits() >> 2) - (1 << 29);
       }},
      {"constant", [](size_t, test::Uniform&) { return 42; }},
      {"two values", [](size_t, test::Uniform& r) { return r.Next() < 0.5f ? -3 : 1000000; }},
      {"mostly one value",
       [](size_t, test::Uniform& r) {
         return r.Next() < 0.93f ? 0 : static_cast<int32_t>(r.NextBits() >> 4);
       }},
      {"twenty values",
       [](size_t, test::Uniform& r) { return static_cast<int32_t>(r.Next() * 20) * 65536; }},
      {"sorted", [](size_t i, test::Uniform&) { return static_cast<int32_t>(i) * 3; }},
      {"reversed", [](size_t i, test::Uniform&) { return -static_cast<int32_t>(i / 10); }},
      {"tail",
       [](size_t, test::Uniform& r) { return static_cast<int32_t>(1000.0f / (r.Next() + 1e-6f)); }},
      {"adjacent",
       [](size_t, test::Uniform& r) { return 77 + static_cast<int32_t>(r.Next() * 3); }},
  };
  return sets;
}

std::vector<int32_t> Make(const DataSet& set, size_t count, uint32_t seed) {
  test::Uniform random(seed);
  std::vector<int32_t> keys(count);
  for (size_t i = 0; i < count; ++i) keys[i] = set.key(i, random);
  return keys;
}

std::vector<int64_t> SomeRanks(int64_t count) {
  std::vector<int64_t> ranks = {
      0, count / 2, count * 9 / 10, count * 95 / 100, count * 99 / 100, count - 1};
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::vector<int32_t> BySorting(std::vector<int32_t> keys, const std::vector<int64_t>& ranks) {
  std::sort(keys.begin(), keys.end());
  std::vector<int32_t> values;
  for (const int64_t rank : ranks) values.push_back(keys[static_cast<size_t>(rank)]);
  return values;
}

std::vector<int64_t> CountsAt(const std::vector<int32_t>& keys,
                              const std::vector<int32_t>& bounds) {
  std::vector<int64_t> counts;
  for (const int32_t bound : bounds) {
    counts.push_back(
        std::count_if(keys.begin(), keys.end(), [&](int32_t key) { return key >= bound; }));
  }
  return counts;
}

std::vector<int32_t> Collect(const std::vector<int32_t>& keys, const std::vector<int32_t>& bounds) {
  std::vector<int32_t> collected;
  for (const int32_t key : keys) {
    if ((std::upper_bound(bounds.begin(), bounds.end(), key) - bounds.begin()) % 2 == 1) {
      collected.push_back(key);
    }
  }
  return collected;
}

TEST(SelectRanks, AgreesWithSortingForEverySize) {
  for (const DataSet& set : DataSets()) {
    for (const size_t count : {1u, 2u, 3u, 10u, 1000u, 2048u, 2049u, 5000u, 40000u}) {
      const std::vector<int32_t> keys = Make(set, count, static_cast<uint32_t>(count));
      const std::vector<int64_t> ranks = SomeRanks(static_cast<int64_t>(count));
      EXPECT_EQ(SelectRanks<int32_t>(keys, ranks), BySorting(keys, ranks)) << set.name << count;
    }
  }
}

TEST(SelectRanks, TakesTheWholeRangeOfKeys) {
  std::vector<int32_t> keys;
  for (int i = 0; i < 5000; ++i) keys.push_back(i % 2 == 0 ? -kLargest : kLargest - i);
  const std::vector<int64_t> ranks = {0, 2499, 2500, 4999};
  EXPECT_EQ(SelectRanks<int32_t>(keys, ranks), BySorting(keys, ranks));
}

TEST(RadixSort, SortsSignedKeysOfBothWidths) {
  test::Uniform random(5);
  std::vector<int32_t> narrow;
  std::vector<int64_t> wide;
  for (int i = 0; i < 3000; ++i) {
    narrow.push_back(static_cast<int32_t>(random.NextBits()));
    wide.push_back(static_cast<int64_t>(uint64_t{random.NextBits()} << 32 | random.NextBits()));
  }
  std::vector<int32_t> sorted_narrow = narrow;
  std::vector<int64_t> sorted_wide = wide;
  RadixSort(&sorted_narrow);
  RadixSort(&sorted_wide);
  std::sort(narrow.begin(), narrow.end());
  std::sort(wide.begin(), wide.end());
  EXPECT_EQ(sorted_narrow, narrow);
  EXPECT_EQ(sorted_wide, wide);
}

TEST(RankBrackets, ResolveExactlyOrSayThatTheyMissed) {
  int missed = 0;
  int resolved = 0;
  for (const DataSet& set : DataSets()) {
    for (const size_t count : {1000u, 50000u}) {
      const std::vector<int32_t> keys = Make(set, count, 11);
      std::vector<int32_t> sample;
      for (size_t i = 0; i < count; i += 7) sample.push_back(keys[i]);
      std::sort(sample.begin(), sample.end());
      const std::vector<int64_t> ranks = SomeRanks(static_cast<int64_t>(count));
      const RankBrackets<int32_t> brackets =
          BracketRanks<int32_t>(sample, static_cast<int64_t>(count), ranks, kLargest);
      EXPECT_TRUE(std::is_sorted(brackets.collect_bounds.begin(), brackets.collect_bounds.end(),
                                 std::less_equal<>()));
      EXPECT_EQ(brackets.collect_bounds.size() % 2, 0u);
      const std::vector<int32_t> collected = Collect(keys, brackets.collect_bounds);
      const auto values = ResolveRanks<int32_t>(brackets, static_cast<int64_t>(count), ranks,
                                                CountsAt(keys, brackets.count_bounds),
                                                CountsAt(keys, brackets.collect_bounds), collected);
      if (!values) {
        ++missed;
        continue;
      }
      ++resolved;
      EXPECT_EQ(*values, BySorting(keys, ranks)) << set.name;
      EXPECT_LE(static_cast<double>(collected.size()),
                brackets.largest_fraction * static_cast<double>(count) + 4096)
          << set.name;
    }
  }
  EXPECT_GE(resolved, 18) << missed << " missed";
}

TEST(RankBrackets, DoNotCollectAValueThatFillsTheBracket) {
  const std::vector<int32_t> keys = Make(DataSets()[4], 50000, 1);  // 93 % zeros
  std::vector<int32_t> sample(keys.begin(), keys.begin() + 5000);
  std::sort(sample.begin(), sample.end());
  const std::vector<int64_t> ranks = {25000, 45000};
  const auto brackets = BracketRanks<int32_t>(sample, 50000, ranks, kLargest);
  const std::vector<int32_t> collected = Collect(keys, brackets.collect_bounds);
  EXPECT_EQ(std::count(collected.begin(), collected.end(), 0), 0);
  EXPECT_LT(collected.size(), 5000u);
}

TEST(RankBrackets, ReportAMissWhenTheSampleLied) {
  const std::vector<int32_t> keys = Make(DataSets()[6], 10000, 1);  // 0, 3, 6, ...
  const std::vector<int32_t> sample(500, 3);
  const std::vector<int64_t> ranks = {5000};
  const auto brackets = BracketRanks<int32_t>(sample, 10000, ranks, kLargest);
  EXPECT_FALSE(ResolveRanks<int32_t>(brackets, 10000, ranks, CountsAt(keys, brackets.count_bounds),
                                     CountsAt(keys, brackets.collect_bounds),
                                     Collect(keys, brackets.collect_bounds)));
}

TEST(RankBrackets, CollectEverythingWithoutASample) {
  const std::vector<int32_t> keys = Make(DataSets()[1], 777, 1);
  const std::vector<int64_t> ranks = SomeRanks(777);
  const auto brackets = BracketRanks<int32_t>({}, 777, ranks, kLargest);
  const auto values = ResolveRanks<int32_t>(brackets, 777, ranks, {},
                                            CountsAt(keys, brackets.collect_bounds), keys);
  ASSERT_TRUE(values);
  EXPECT_EQ(*values, BySorting(keys, ranks));
}

}  // namespace
}  // namespace assay
