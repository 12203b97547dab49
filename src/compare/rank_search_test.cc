#include "compare/rank_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
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

int64_t CountBelow(const std::vector<int32_t>& keys, int32_t bound) {
  return std::count_if(keys.begin(), keys.end(), [&](int32_t key) { return key < bound; });
}

// What two sweeps find out.
struct Search {
  std::optional<std::vector<int32_t>> values;
  std::vector<int32_t> collected;
  double largest_fraction = 0;
};

Search Find(const std::vector<int32_t>& keys, std::vector<int32_t> sample,
            const std::vector<int64_t>& ranks) {
  const auto count = static_cast<int64_t>(keys.size());
  std::sort(sample.begin(), sample.end());
  std::vector<KnownBound<int32_t>> known = {{-kLargest, 0}, {kLargest, count}};
  for (const int32_t pivot : ChoosePivots<int32_t>(sample, count, ranks)) {
    known.push_back({pivot, CountBelow(keys, pivot)});
  }
  const auto by_key = [](const auto& a, const auto& b) { return a.key < b.key; };
  std::sort(known.begin(), known.end(), by_key);
  const RankPlan<int32_t> plan = PlanRanks<int32_t>(sample, known, ranks);
  for (size_t i = 0; i < plan.collected_keys.size(); ++i) {
    EXPECT_LE(plan.collected_keys[i].min, plan.collected_keys[i].max);
    if (i > 0) {
      EXPECT_GT(plan.collected_keys[i].min, plan.collected_keys[i - 1].max + 1);
    }
  }
  Search search;
  search.largest_fraction = plan.largest_fraction;
  for (const int32_t key : keys) {
    const bool wanted =
        std::any_of(plan.collected_keys.begin(), plan.collected_keys.end(),
                    [&](const auto& range) { return key >= range.min && key <= range.max; });
    if (wanted) search.collected.push_back(key);
  }
  for (const int32_t bound : plan.count_bounds) known.push_back({bound, CountBelow(keys, bound)});
  std::sort(known.begin(), known.end(), by_key);
  search.values = ResolveRanks<int32_t>(plan, known, ranks, search.collected);
  return search;
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

TEST(RankSearch, IsExactOrSaysThatItMissed) {
  int missed = 0;
  for (const DataSet& set : DataSets()) {
    for (const size_t count : {1000u, 50000u}) {
      for (const size_t step : {3u, 7u, 53u}) {
        const std::vector<int32_t> keys = Make(set, count, 11);
        std::vector<int32_t> sample;
        for (size_t i = 0; i < count; i += step) sample.push_back(keys[i]);
        const std::vector<int64_t> ranks = SomeRanks(static_cast<int64_t>(count));
        const Search search = Find(keys, sample, ranks);
        if (!search.values) {
          ++missed;
          continue;
        }
        EXPECT_EQ(*search.values, BySorting(keys, ranks)) << set.name;
        EXPECT_LE(static_cast<double>(search.collected.size()),
                  search.largest_fraction * static_cast<double>(count) + 100)
            << set.name;
      }
    }
  }
  EXPECT_LE(missed, 2);
}

TEST(RankSearch, CollectsLittle) {
  const std::vector<int32_t> keys = Make(DataSets()[0], 200000, 3);
  std::vector<int32_t> sample;
  for (size_t i = 0; i < keys.size(); i += 50) sample.push_back(keys[i]);
  const Search search = Find(keys, sample, {100000, 180000, 190000, 198000});
  ASSERT_TRUE(search.values);
  EXPECT_LT(search.collected.size(), keys.size() / 10);
}

TEST(RankSearch, DoesNotCollectAValueThatRepeatsOften) {
  const std::vector<int32_t> keys = Make(DataSets()[4], 50000, 1);  // 93 % zeros
  const std::vector<int32_t> sample(keys.begin(), keys.begin() + 5000);
  const Search search = Find(keys, sample, {25000, 45000, 49000});
  ASSERT_TRUE(search.values);
  EXPECT_EQ((*search.values)[0], 0);
  EXPECT_EQ((*search.values)[1], 0);
  EXPECT_EQ(std::count(search.collected.begin(), search.collected.end(), 0), 0);
}

TEST(RankSearch, ReportsAMissWhenTheSampleLied) {
  const std::vector<int32_t> keys = Make(DataSets()[6], 10000, 1);  // 0, 3, 6, ...
  std::vector<int32_t> sample;
  for (int i = 0; i < 500; ++i) sample.push_back(i);
  const Search search = Find(keys, sample, {150});
  EXPECT_FALSE(search.values);
}

TEST(RankSearch, CollectsEverythingWithoutASample) {
  const std::vector<int32_t> keys = Make(DataSets()[1], 777, 1);
  const std::vector<int64_t> ranks = SomeRanks(777);
  const Search search = Find(keys, {}, ranks);
  ASSERT_TRUE(search.values);
  EXPECT_EQ(search.collected.size(), keys.size());
  EXPECT_EQ(*search.values, BySorting(keys, ranks));
}

}  // namespace
}  // namespace assay
