#include "compare/distributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "compare/compare_pair.h"
#include "compare/numpy_rules.h"
#include "compare/rank_sweeps.h"
#include "compare/test_data.h"

namespace assay {
namespace {

using test::AdversarialFloats;

// Order statistics and histogram of the definition: sort, then interpolate and count.
struct Naive {
  double median, p90, p95, p99, q;
  Histogram histogram;
};

template <typename Real>
Naive Define(std::vector<Real> values, Precision precision, double q) {
  Naive naive = {};
  const auto count = static_cast<int64_t>(values.size());
  const bool has_nan =
      std::any_of(values.begin(), values.end(), [](Real value) { return std::isnan(value); });
  if (has_nan) {
    naive.median = naive.p90 = naive.p95 = naive.p99 = naive.q = std::nan("");
    return naive;
  }
  std::sort(values.begin(), values.end());
  const auto at = [&](int64_t rank) {
    return static_cast<double>(values[static_cast<size_t>(rank)]);
  };
  const auto quantile = [&](double wanted) {
    const RankPosition position = QuantilePosition(wanted, count);
    return Interpolate(at(position.lower), at(position.upper), position.weight, precision);
  };
  naive.median = MiddleOf(at((count - 1) / 2), at(count / 2), precision);
  naive.p90 = quantile(0.9);
  naive.p95 = quantile(0.95);
  naive.p99 = quantile(0.99);
  naive.q = quantile(q);
  naive.histogram = EmptyHistogram(at(0), at(count - 1), precision, true);
  if (!naive.histogram.valid) return naive;
  for (const Real value : values) {
    size_t bin = 0;
    while (bin < 9 && static_cast<double>(value) >= naive.histogram.edges[bin + 1]) ++bin;
    ++naive.histogram.counts[bin];
  }
  return naive;
}

void ExpectSame(double actual, double expected) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << actual;
  } else {
    EXPECT_EQ(actual, expected);
  }
}

template <typename Real>
void ExpectDistribution(const Statistics& statistics, const Histogram& histogram,
                        const Naive& expected) {
  ExpectSame(statistics.median, expected.median);
  ExpectSame(statistics.p90, expected.p90);
  ExpectSame(statistics.p95, expected.p95);
  ExpectSame(statistics.p99, expected.p99);
  ASSERT_EQ(statistics.quantiles.size(), 1u);
  ExpectSame(statistics.quantiles[0].value, expected.q);
  EXPECT_EQ(histogram.valid, expected.histogram.valid);
  EXPECT_EQ(histogram.counts, expected.histogram.counts);
}

// Compares the relative and absolute difference of a pair, and both tensors, with the definition.
template <typename Real>
void ExpectDefinition(const std::vector<Real>& output, const std::vector<Real>& reference) {
  constexpr double kQ = 0.123;
  CompareOptions options;
  options.quantiles = {kQ};
  ThreadPool pool(2);
  const auto comparison =
      CompareTensors(Tensor::Vector<Real>(output), Tensor::Vector<Real>(reference), options, pool);
  ASSERT_TRUE(comparison.ok());
  const Precision precision = sizeof(Real) == 4 ? Precision::kSingle : Precision::kDouble;
  std::vector<Real> absolute;
  std::vector<Real> relative;
  for (size_t i = 0; i < output.size(); ++i) {
    absolute.push_back(std::fabs(output[i] - reference[i]));
    const Real denominator =
        reference[i] == 0 ? Real{2.220446049250313e-16} : std::fabs(reference[i]);
    relative.push_back(absolute.back() / denominator);
  }
  ExpectDistribution<Real>(comparison->absolute_difference, comparison->absolute_histogram,
                           Define(absolute, precision, kQ));
  ExpectDistribution<Real>(comparison->relative_difference, comparison->relative_histogram,
                           Define(relative, precision, kQ));
  Naive expected_output = Define(output, precision, kQ);
  expected_output.histogram = comparison->output_histogram;
  ExpectDistribution<Real>(comparison->output, comparison->output_histogram, expected_output);
  Naive expected_reference = Define(reference, precision, kQ);
  expected_reference.histogram = comparison->reference_histogram;
  ExpectDistribution<Real>(comparison->reference, comparison->reference_histogram,
                           expected_reference);
}

TEST(OrderStatistics, AreExactForEverySizeOfAdversarialData) {
  for (size_t n = 1; n <= 1000; n += n < 70 ? 1 : 31) {
    SCOPED_TRACE(n);
    const auto seed = static_cast<uint32_t>(n);
    ExpectDefinition(AdversarialFloats(n, seed, false), AdversarialFloats(n, seed + 1, false));
    ExpectDefinition(AdversarialFloats(n, seed, true), AdversarialFloats(n, seed + 1, false));
    if (HasFailure()) return;
  }
}

TEST(OrderStatistics, AreExactInDoubleToo) {
  for (const size_t n : {1u, 2u, 17u, 512u, 513u, 1000u, 70000u}) {
    SCOPED_TRACE(n);
    test::Uniform random(static_cast<uint32_t>(n));
    std::vector<double> output;
    std::vector<double> reference;
    for (size_t i = 0; i < n; ++i) {
      reference.push_back(std::ldexp(random.Next() - 0.5, static_cast<int>(i % 40) - 20));
      output.push_back(reference.back() * (1 + 1e-12 * random.Next()));
    }
    ExpectDefinition(output, reference);
  }
}

// Large enough to be sampled; each pattern is one that misleads samples or fills buckets.
TEST(OrderStatistics, AreExactForLargeDataOfAnyPattern) {
  constexpr size_t kCount = 150000;
  const std::vector<std::pair<const char*, std::function<float(size_t, test::Uniform&)>>> patterns =
      {
          {"uniform", [](size_t, test::Uniform& r) { return r.Next(); }},
          {"constant", [](size_t, test::Uniform&) { return 0.1f; }},
          {"zeros and one value",
           [](size_t i, test::Uniform&) { return i == 77777 ? 5.0f : 0.0f; }},
          {"two values", [](size_t, test::Uniform& r) { return r.Next() < 0.5f ? -1.0f : 1.0f; }},
          {"quantised", [](size_t, test::Uniform& r) { return std::floor(r.Next() * 16) / 16; }},
          {"ascending", [](size_t i, test::Uniform&) { return static_cast<float>(i); }},
          {"descending", [](size_t i, test::Uniform&) { return -static_cast<float>(i) * 1e-30f; }},
          {"blocks", [](size_t i, test::Uniform&) { return static_cast<float>(i / 1024 % 7); }},
          {"heavy tail", [](size_t, test::Uniform& r) { return 1 / (r.Next() + 1e-6f); }},
          {"subnormal", [](size_t, test::Uniform& r) { return r.Next() * 1e-39f; }},
          {"outliers at the end",
           [](size_t i, test::Uniform& r) { return i > 149000 ? 1e6f * r.Next() : r.Next(); }},
      };
  for (const auto& [name, pattern] : patterns) {
    SCOPED_TRACE(name);
    test::Uniform random(9);
    std::vector<float> output(kCount);
    std::vector<float> reference(kCount);
    for (size_t i = 0; i < kCount; ++i) {
      reference[i] = pattern(i, random);
      output[i] = reference[i] + (random.NextBits() % 3 == 0 ? 0.0f : random.Next() * 1e-3f);
    }
    ExpectDefinition(output, reference);
    if (HasFailure()) return;
  }
  SCOPED_TRACE("adversarial");
  ExpectDefinition(AdversarialFloats(kCount, 1, false), AdversarialFloats(kCount, 2, false));
}

// Every sampled element lies about the others, so that what the sample promised does not hold.
TEST(OrderStatistics, AreExactWhenTheSampleLies) {
  constexpr size_t kCount = 200000;
  test::Uniform random(12);
  std::vector<float> output(kCount);
  std::vector<float> reference(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    reference[i] = 1 + random.Next();
    output[i] = reference[i] + random.Next();
  }
  const int64_t samples = SampleSize(kCount);
  ASSERT_GT(samples, 0);
  for (int64_t i = 0; i < samples; ++i) {
    const auto at = static_cast<size_t>(SamplePosition(i, samples, kCount));
    reference[at] = 0.25f;
    output[at] = i % 2 == 0 ? 0.25f : 0.5f;
  }
  ExpectDefinition(output, reference);
}

TEST(SamplePosition, TakesOneElementOfEveryPart) {
  for (const int64_t count : {40000, 1000003}) {
    const int64_t samples = SampleSize(count);
    for (int64_t i = 0; i < samples; ++i) {
      const int64_t position = SamplePosition(i, samples, count);
      ASSERT_GE(position, i * count / samples);
      ASSERT_LE(position, (i + 1) * count / samples);
      ASSERT_LT(position, count);
    }
  }
}

TEST(RankSweeps, AgreeWithSorting) {
  const std::vector<float> output = AdversarialFloats(30000, 4, false);
  const std::vector<float> reference = AdversarialFloats(30000, 5, false);
  const Tensor output_tensor = Tensor::Vector<float>(output);
  const Tensor reference_tensor = Tensor::Vector<float>(reference);
  const PairBlocks<float> blocks(output_tensor, &reference_tensor,
                                 DifferenceRulesFor(DType::kFloat32, DType::kFloat32), {},
                                 BestBlockKernels<float>());
  ThreadPool pool(2);
  std::array<std::vector<int64_t>, kStreamCount> ranks;
  ranks[kOutput] = {0, 1, 14999, 15000, 29998, 29999};
  ranks[kReference] = {7};
  const auto selected = SelectRanksBySweeps(blocks, ranks, pool, Monitor());
  std::vector<float> sorted_output = output;
  std::vector<float> sorted_reference = reference;
  std::sort(sorted_output.begin(), sorted_output.end());
  std::sort(sorted_reference.begin(), sorted_reference.end());
  ASSERT_EQ(selected[kOutput].size(), ranks[kOutput].size());
  for (size_t i = 0; i < ranks[kOutput].size(); ++i) {
    EXPECT_EQ(ValueOfKey<float>(selected[kOutput][i]),
              sorted_output[static_cast<size_t>(ranks[kOutput][i])]);
  }
  ASSERT_EQ(selected[kReference].size(), 1u);
  EXPECT_EQ(ValueOfKey<float>(selected[kReference][0]), sorted_reference[7]);
  EXPECT_TRUE(selected[kAbsolute].empty());
}

// All numbers of a comparison, bit by bit.
std::vector<uint64_t> Bits(const OutputComparison& c) {
  std::vector<uint64_t> bits;
  const auto add = [&](double value) { bits.push_back(std::bit_cast<uint64_t>(value)); };
  for (const Statistics* s :
       {&c.output, &c.reference, &c.absolute_difference, &c.relative_difference}) {
    for (const double value : {s->mean, s->variance, s->standard_deviation, s->average_magnitude,
                               s->median, s->p90, s->p95, s->p99, s->min.value, s->max.value,
                               s->finite_mean, s->finite_min.value, s->finite_max.value}) {
      add(value);
    }
    for (const int64_t value : {s->min.index, s->max.index, s->nan_count, s->finite_count()}) {
      bits.push_back(static_cast<uint64_t>(value));
    }
  }
  for (const Histogram* h : {&c.output_histogram, &c.reference_histogram, &c.absolute_histogram,
                             &c.relative_histogram}) {
    for (const int64_t count : h->counts) bits.push_back(static_cast<uint64_t>(count));
  }
  for (const double value :
       {c.global.l2, c.global.relative_l2, c.global.cosine_similarity, c.global.psnr_decibel,
        c.global.snr_decibel, c.global.max_over_max, c.global.max_over_rms,
        c.frontier.min_relative_at_absolute.value_or(-1),
        c.frontier.min_absolute_at_relative.value_or(-1)}) {
    add(value);
  }
  for (const Tolerance& point : c.frontier.points) {
    add(point.absolute);
    add(point.relative);
  }
  for (const int64_t count : c.ulp.within) bits.push_back(static_cast<uint64_t>(count));
  for (const int64_t value :
       {c.mismatches.polygraphy, c.mismatches.allclose, c.mismatches.strict, c.first_mismatch,
        static_cast<int64_t>(c.ulp.max), c.ulp.max_index, c.output_special.subnormal,
        c.reference_special.zero, c.special_differences.first_nan}) {
    bits.push_back(static_cast<uint64_t>(value));
  }
  if (c.logit) {
    for (const ElementValue& value :
         {c.logit->max_logit_error, c.logit->max_log_error, c.logit->max_logit_error_above_floor,
          c.logit->max_relative_error_above_floor}) {
      add(value.value);
      bits.push_back(static_cast<uint64_t>(value.index));
    }
    for (const int64_t value : {c.logit->above_floor, c.logit->output_below_floor,
                                c.logit->reference_below_floor, c.logit->saturated}) {
      bits.push_back(static_cast<uint64_t>(value));
    }
  }
  return bits;
}

struct Pair {
  Tensor output;
  Tensor reference;
};

std::vector<Pair> PairsOfManyChunks() {
  constexpr size_t kCount = 400003;
  test::Uniform random(21);
  std::vector<float> probability(kCount);
  std::vector<float> near(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    probability[i] = std::floor(random.Next() * 4096) / 4096;
    near[i] = std::clamp(probability[i] + (random.Next() - 0.5f) * 1e-5f, 0.0f, 1.0f);
  }
  return {{Tensor::Vector<float>(near), Tensor::Vector<float>(probability)},
          {Tensor::Vector<float>(AdversarialFloats(kCount, 31, true)),
           Tensor::Vector<float>(AdversarialFloats(kCount, 32, false))}};
}

TEST(CompareTensors, DoesNotDependOnTheNumberOfThreads) {
  for (const Pair& pair : PairsOfManyChunks()) {
    ThreadPool one(1);
    const auto expected = CompareTensors(pair.output, pair.reference, {}, one);
    ASSERT_TRUE(expected.ok());
    for (const int threads : {2, 3, 7}) {
      ThreadPool pool(threads);
      for (int repetition = 0; repetition < 3; ++repetition) {
        const auto actual = CompareTensors(pair.output, pair.reference, {}, pool);
        ASSERT_TRUE(actual.ok());
        EXPECT_EQ(Bits(*actual), Bits(*expected)) << threads;
      }
    }
  }
}

TEST(CompareTensors, DoesNotDependOnTheInstructionSet) {
  ThreadPool pool(2);
  for (const Pair& pair : PairsOfManyChunks()) {
    std::vector<uint64_t> expected;
    for (int i = 0; i < kInstructionSetCount; ++i) {
      const auto* kernels = FindBlockKernels<float>(static_cast<InstructionSet>(i));
      if (kernels == nullptr) continue;
      OutputComparison comparison;
      comparison.output_dtype = comparison.reference_dtype = DType::kFloat32;
      ASSERT_TRUE(
          MeasurePair(pair.output, pair.reference, *kernels, pool, Monitor(), &comparison).ok());
      if (i == 0) expected = Bits(comparison);
      EXPECT_EQ(Bits(comparison), expected) << i;
    }
  }
}

TEST(CompareTensors, KeepsDigitsOfDataFarFromZero) {
  constexpr size_t kCount = 100000;
  std::vector<double> output(kCount);
  for (size_t i = 0; i < kCount; ++i) output[i] = 1e8 + static_cast<double>(i % 2);
  const auto c = test::Compare(Tensor::Vector<double>(output), Tensor::Vector<double>(output));
  EXPECT_EQ(c.output.mean, 1e8 + 0.5);
  EXPECT_DOUBLE_EQ(c.output.variance, 0.25);
  const std::vector<float> constant(kCount, 0.1f);
  const auto flat = test::Compare(Tensor::Vector<float>(constant), Tensor::Vector<float>(constant));
  EXPECT_EQ(flat.output.variance, 0);
  EXPECT_EQ(flat.output.mean, static_cast<double>(0.1f));
}

}  // namespace
}  // namespace assay
