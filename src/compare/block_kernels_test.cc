#include "compare/block_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "compare/test_data.h"

namespace assay {
namespace {

template <typename Real>
class BlockKernelsOf : public testing::Test {
 protected:
  using Key = OrderedKey<Real>;
  static constexpr int kMost = kBlockElements<Real>;

  static std::vector<Real> Values(size_t n, uint32_t seed) {
    const std::vector<float> floats = test::AdversarialFloats(n, seed, true);
    return {floats.begin(), floats.end()};
  }

  // Everything that the loops give for one block, as bytes.
  static std::vector<std::byte> AllResults(const BlockKernels<Real>& kernels, int n,
                                           uint32_t seed) {
    std::vector<std::byte> bytes;
    const auto keep = [&](const auto* data, size_t count) {
      const auto* begin = reinterpret_cast<const std::byte*>(data);
      bytes.insert(bytes.end(), begin, begin + count * sizeof(*data));
    };
    const auto size = static_cast<size_t>(n);
    std::vector<Real> output = Values(size, seed);
    std::vector<Real> reference = Values(size, seed + 1);
    for (size_t i = 0; i < size; i += 3) reference[i] = output[i];
    std::vector<Key> output_keys(size);
    std::vector<Key> reference_keys(size);
    kernels.keys(output.data(), n, output_keys.data());
    kernels.keys(reference.data(), n, reference_keys.data());
    keep(output_keys.data(), size);
    std::vector<Real> absolute(size);
    std::vector<Real> relative(size);
    kernels.differences(output.data(), reference.data(), n, Real{2.220446049250313e-16},
                        absolute.data(), relative.data());
    // The bits of a NaN may differ, that it is one may not.
    for (std::vector<Real>* values : {&absolute, &relative}) {
      for (Real& value : *values) {
        EXPECT_FALSE(std::signbit(value));
        if (std::isnan(value)) value = std::numeric_limits<Real>::quiet_NaN();
      }
      keep(values->data(), size);
    }
    const auto* absolute_keys = reinterpret_cast<const Key*>(absolute.data());
    const auto* relative_keys = reinterpret_cast<const Key*>(relative.data());
    const KeyRange<Key> range = kernels.range(output_keys.data(), n);
    keep(&range, 1);
    const BlockMismatches mismatches = kernels.mismatches(
        absolute.data(), relative.data(), reference.data(), n, {Real{0.5}, Real{0.25}, 0.5, 0.25});
    keep(&mismatches, 1);
    const SmallValues small = kernels.small_values(output_keys.data(), n, Key{0x00800000});
    keep(&small, 1);
    std::vector<Key> distances(size);
    kernels.distances(output_keys.data(), reference_keys.data(), n, distances.data());
    keep(distances.data(), size);
    std::vector<Key> bounds;
    for (const double bound : {-1e20, -2.5, -1e-40, 0.0, 1e-45, 1e-35, 0.5, 1.0, 2.0, 3.0, 1e38}) {
      const auto value = static_cast<Real>(bound);
      Key key;
      kernels.keys(&value, 1, &key);
      bounds.push_back(key);
    }
    for (int bound_count = 0; bound_count <= static_cast<int>(bounds.size()); ++bound_count) {
      std::vector<int64_t> counts(bounds.size());
      kernels.count_at_least(output_keys.data(), n, bounds.data(), bound_count, counts.data());
      keep(counts.data(), counts.size());
      std::vector<KeyRange<Key>> ranges;
      for (int j = 0; j + 1 < bound_count; j += 2) {
        ranges.push_back({bounds[static_cast<size_t>(j)], bounds[static_cast<size_t>(j) + 1]});
      }
      std::vector<Key> collected(size + 8);
      const int found = kernels.collect(output_keys.data(), n, ranges.data(),
                                        static_cast<int>(ranges.size()), collected.data());
      keep(collected.data(), static_cast<size_t>(found));
    }
    const Key max = kernels.max_where_above(absolute_keys, relative_keys, n, bounds[7]);
    keep(&max, 1);

    std::vector<Real> finite;
    for (const Real value : output) {
      if (std::isfinite(value)) finite.push_back(value);
    }
    if (!finite.empty()) {
      for (const auto moments_of : {kernels.moments, kernels.moments_of_non_negative}) {
        const Moments moments = moments_of(finite.data(), static_cast<int>(finite.size()), 0.75);
        keep(&moments, 1);
      }
      std::vector<Real> other(finite.rbegin(), finite.rend());
      const PairMoments pair = kernels.moments_of_pair(finite.data(), other.data(),
                                                       static_cast<int>(finite.size()), 0.75, -3);
      keep(&pair, 1);
    }
    test::Uniform random(seed);
    for (size_t i = 0; i < size; ++i) {
      output[i] = i % 7 == 0 ? Real(i % 2) : Real{random.Next()};
      reference[i] = i % 5 == 0 ? Real(i % 2) : Real{random.Next()};
      absolute[i] = std::fabs(output[i] - reference[i]);
    }
    std::vector<Real> logit(size);
    std::vector<Real> log(size);
    const LogitCounts logits = kernels.logit_errors(output.data(), reference.data(),
                                                    absolute.data(), n, logit.data(), log.data());
    keep(&logits, 1);
    keep(logit.data(), size);
    keep(log.data(), size);
    return bytes;
  }
};

using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(BlockKernelsOf, Reals);

TYPED_TEST(BlockKernelsOf, EveryInstructionSetGivesTheSameBits) {
  const auto* baseline = FindBlockKernels<TypeParam>(InstructionSet::kBaseline);
  ASSERT_NE(baseline, nullptr);
  for (int n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 100, 255, 511, 512, 777, 1023, 1024}) {
    n = std::min(n, this->kMost);
    const std::vector<std::byte> expected =
        this->AllResults(*baseline, n, static_cast<uint32_t>(n) * 17);
    for (const InstructionSet set : {InstructionSet::kAvx2, InstructionSet::kAvx512}) {
      const auto* kernels = FindBlockKernels<TypeParam>(set);
      if (kernels == nullptr) continue;
      EXPECT_EQ(this->AllResults(*kernels, n, static_cast<uint32_t>(n) * 17), expected)
          << "set " << static_cast<int>(set) << ", n " << n;
    }
  }
}

TYPED_TEST(BlockKernelsOf, KeysOrderLikeValues) {
  using Real = TypeParam;
  const auto& kernels = BestBlockKernels<Real>();
  constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
  const std::vector<Real> increasing = {-kInfinity,
                                        std::numeric_limits<Real>::lowest(),
                                        Real{-1},
                                        -std::numeric_limits<Real>::min(),
                                        -std::numeric_limits<Real>::denorm_min(),
                                        Real{0},
                                        std::numeric_limits<Real>::denorm_min(),
                                        std::numeric_limits<Real>::min(),
                                        Real{1},
                                        std::nextafter(Real{1}, Real{2}),
                                        std::numeric_limits<Real>::max(),
                                        kInfinity};
  std::vector<OrderedKey<Real>> keys(increasing.size());
  kernels.keys(increasing.data(), static_cast<int>(increasing.size()), keys.data());
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), std::less_equal<>()));
  EXPECT_EQ(keys[9] - keys[8], 1);
  EXPECT_EQ(keys[6] - keys[4], 2);
  const Real negative_zero = -Real{0};
  OrderedKey<Real> key = 7;
  kernels.keys(&negative_zero, 1, &key);
  EXPECT_EQ(key, 0);
}

TYPED_TEST(BlockKernelsOf, CountsAndCollectsAsDefined) {
  using Key = OrderedKey<TypeParam>;
  const auto& kernels = BestBlockKernels<TypeParam>();
  const int n = this->kMost - 5;
  test::Uniform random(3);
  std::vector<Key> keys(static_cast<size_t>(n));
  for (Key& key : keys) key = static_cast<Key>(random.NextBits() >> 8) % 2000 - 1000;
  const std::vector<Key> bounds = {-900, -800, -10, 10, 300, 301, 500, 600, 700, 999};
  std::vector<int64_t> counts(bounds.size(), 5);
  kernels.count_at_least(keys.data(), n, bounds.data(), static_cast<int>(bounds.size()),
                         counts.data());
  for (size_t j = 0; j < bounds.size(); ++j) {
    EXPECT_EQ(counts[j] - 5,
              std::count_if(keys.begin(), keys.end(), [&](Key key) { return key >= bounds[j]; }));
  }
  std::vector<KeyRange<Key>> ranges;
  for (size_t used = 0; used <= 6; ++used) {
    std::vector<Key> collected(keys.size() + 8);
    const int found =
        kernels.collect(keys.data(), n, ranges.data(), static_cast<int>(used), collected.data());
    std::vector<Key> expected;
    for (const Key key : keys) {
      const bool inside = std::any_of(
          ranges.begin(), ranges.end(),
          [&](const KeyRange<Key>& range) { return key >= range.min && key <= range.max; });
      if (inside) expected.push_back(key);
    }
    collected.resize(static_cast<size_t>(found));
    EXPECT_EQ(collected, expected) << used;
    const Key begin = static_cast<Key>(300 * static_cast<int>(used)) - 1000;
    ranges.push_back({begin, begin + static_cast<Key>(used * 40)});
  }
  ranges = {{-std::numeric_limits<Key>::max(), std::numeric_limits<Key>::max()}};
  std::vector<Key> collected(keys.size() + 8);
  EXPECT_EQ(kernels.collect(keys.data(), n, ranges.data(), 1, collected.data()), n);
}

TYPED_TEST(BlockKernelsOf, MomentsOfAPairAreThoseOfItsSides) {
  using Real = TypeParam;
  const auto& kernels = BestBlockKernels<Real>();
  const std::vector<Real> a = {1, -2, 3, 4, 5, -6, 7, 8, 9};
  const std::vector<Real> b = {2, 0, -1, 1, 1, 1, 1, 1, -3};
  const int n = static_cast<int>(a.size());
  const PairMoments pair = kernels.moments_of_pair(a.data(), b.data(), n, 1, -1);
  EXPECT_EQ(pair.a.shifted_sum, 20);
  EXPECT_EQ(pair.a.shifted_square_sum, 236);
  EXPECT_EQ(pair.a.magnitude_sum, 45);
  EXPECT_EQ(pair.b.shifted_sum, 12);
  EXPECT_EQ(pair.b.magnitude_sum, 11);
  EXPECT_EQ(pair.dot, -10);
  const Moments alone = kernels.moments(a.data(), n, 1);
  EXPECT_EQ(alone.shifted_sum, pair.a.shifted_sum);
  EXPECT_EQ(alone.shifted_square_sum, pair.a.shifted_square_sum);
  EXPECT_EQ(alone.magnitude_sum, pair.a.magnitude_sum);
  const std::vector<Real> positive = {1, 2, 3};
  EXPECT_EQ(kernels.moments_of_non_negative(positive.data(), 3, 0.5).magnitude_sum, 6);
}

TYPED_TEST(BlockKernelsOf, RangesComeWithKeysAndDifferences) {
  using Real = TypeParam;
  using Key = OrderedKey<Real>;
  const auto& kernels = BestBlockKernels<Real>();
  const std::vector<Real> output = {3, -5, 2, 0, 1};
  const std::vector<Real> reference = {1, -5, 2.5, 0, 1.25};
  const int n = static_cast<int>(output.size());
  std::vector<Key> keys(output.size());
  const KeySummary<Key> summary = kernels.keys(output.data(), n, keys.data());
  const KeyRange<Key> range = summary.range;
  EXPECT_EQ(summary.min_magnitude, 0);
  EXPECT_EQ(range.min, keys[1]);
  EXPECT_EQ(range.max, keys[0]);
  const KeyRange<Key> again = kernels.range(keys.data(), n);
  EXPECT_EQ(again.min, range.min);
  EXPECT_EQ(again.max, range.max);
  std::vector<Real> absolute(output.size());
  std::vector<Real> relative(output.size());
  const auto ranges = kernels.differences(output.data(), reference.data(), n, Real{1e-16},
                                          absolute.data(), relative.data());
  EXPECT_EQ(absolute, (std::vector<Real>{2, 0, 0.5, 0, 0.25}));
  EXPECT_EQ(relative, (std::vector<Real>{2, 0, Real{0.5} / Real{2.5}, 0, Real{0.2}}));
  EXPECT_EQ(ranges.absolute.min, 0);
  EXPECT_EQ(ranges.absolute.max, std::bit_cast<Key>(Real{2}));
  EXPECT_EQ(ranges.relative.max, std::bit_cast<Key>(Real{2}));
}

TYPED_TEST(BlockKernelsOf, DistancesClampInsteadOfWrapping) {
  using Key = OrderedKey<TypeParam>;
  const auto& kernels = BestBlockKernels<TypeParam>();
  constexpr Key kMax = std::numeric_limits<Key>::max();
  const std::vector<Key> a = {kMax, -kMax, 5, -5, 0};
  const std::vector<Key> b = {-kMax, kMax, -5, -7, 0};
  std::vector<Key> distances(a.size());
  kernels.distances(a.data(), b.data(), static_cast<int>(a.size()), distances.data());
  EXPECT_EQ(distances, (std::vector<Key>{kMax, kMax, 10, 2, 0}));
}

}  // namespace
}  // namespace assay
