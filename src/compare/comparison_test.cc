#include "compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "compare/test_data.h"

namespace assay {
namespace {

using test::Compare;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor Floats(const std::vector<float>& values) { return Tensor::Vector<float>(values); }

CompareOptions WithTolerance(double absolute, double relative) {
  CompareOptions options;
  options.tolerance = {absolute, relative};
  return options;
}

// output = reference + noise of at most 5e-4; reference uniform in [-4, 4).
struct SeededPair {
  Tensor output;
  Tensor reference;
};
SeededPair MakeSeededPair(int64_t n) {
  test::Uniform first(1);
  test::Uniform second(2);
  std::vector<float> output;
  std::vector<float> reference;
  for (int64_t i = 0; i < n; ++i) {
    reference.push_back((first.Next() - 0.5f) * 8.0f);
    const float noise = (second.Next() - 0.5f) * 1e-3f;
    output.push_back(reference.back() + noise);
  }
  return {Floats(output), Floats(reference)};
}

struct ExpectedStatistics {
  double mean, standard_deviation, variance, median, min, max, average_magnitude, p90, p95, p99,
      q37;
  int64_t min_index, max_index;
};

void ExpectStatistics(const Statistics& actual, const ExpectedStatistics& expected) {
  constexpr double kSums = 1e-12;
  EXPECT_NEAR(actual.mean, expected.mean, kSums * std::fabs(expected.mean));
  EXPECT_NEAR(actual.standard_deviation, expected.standard_deviation,
              kSums * expected.standard_deviation);
  EXPECT_NEAR(actual.variance, expected.variance, kSums * expected.variance);
  EXPECT_NEAR(actual.average_magnitude, expected.average_magnitude,
              kSums * expected.average_magnitude);
  EXPECT_EQ(actual.median, expected.median);
  EXPECT_EQ(actual.p90, expected.p90);
  EXPECT_EQ(actual.p95, expected.p95);
  EXPECT_EQ(actual.p99, expected.p99);
  ASSERT_EQ(actual.quantiles.size(), 1u);
  EXPECT_EQ(actual.quantiles[0].value, expected.q37);
  EXPECT_EQ(actual.min.value, expected.min);
  EXPECT_EQ(actual.min.index, expected.min_index);
  EXPECT_EQ(actual.max.value, expected.max);
  EXPECT_EQ(actual.max.index, expected.max_index);
}

// All numbers: numpy 2.4 on the same data (means and deviations in float64).
TEST(CompareTensors, AgreesWithNumpyOnSeededData) {
  const SeededPair pair = MakeSeededPair(1000);
  CompareOptions options = WithTolerance(2e-4, 1e-4);
  options.quantiles = {0.37};
  const OutputComparison c = Compare(pair.output, pair.reference, options);

  ExpectStatistics(c.output,
                   {0.08864456650905776, 2.3245768641004414, 5.403657597111041, 0.10982479155063629,
                    -3.994241714477539, 3.998504877090454, 2.017476714645396, 3.2437353134155273,
                    3.7222390174865723, 3.946974515914917, -0.9143713712692261, 668, 839});
  ExpectStatistics(c.reference,
                   {0.08862421226501464, 2.3245817368155905, 5.403680251136588, 0.10961413383483887,
                    -3.9942498207092285, 3.9981064796447754, 2.0174754152297973, 3.2436492443084717,
                    3.7221198081970215, 3.9473371505737305, -0.9146939516067505, 668, 839});
  ExpectStatistics(
      c.absolute_difference,
      {0.0002530789141310379, 0.00014653828793415768, 2.1473469830674098e-08, 0.0002459883689880371,
       0.0, 0.0004999637603759766, 0.0002530789141310379, 0.000458224123576656,
       0.00047733186511322856, 0.0004961545928381383, 0.00018345653370488435, 506, 961});
  ExpectStatistics(
      c.relative_difference,
      {0.0007540555938944636, 0.010038340039620904, 0.00010076827075105619, 0.000127185950987041,
       0.0, 0.3108905553817749, 0.0007540555938944636, 0.0005386882112361491, 0.0009318611118942499,
       0.008134208619594574, 9.396808309247717e-05, 506, 853});

  using Counts = std::array<int64_t, 10>;
  EXPECT_EQ(c.output_histogram.counts, (Counts{103, 95, 77, 111, 102, 82, 119, 105, 98, 108}));
  EXPECT_EQ(c.reference_histogram.counts, (Counts{103, 95, 77, 111, 102, 82, 119, 105, 98, 108}));
  EXPECT_EQ(c.absolute_histogram.counts, (Counts{94, 101, 93, 122, 96, 96, 89, 79, 112, 118}));
  EXPECT_EQ(c.relative_histogram.counts, (Counts{998, 1, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(c.output_histogram.edges[0], -3.9942498207092285);
  EXPECT_EQ(c.output_histogram.edges[5], 0.002127528190612793);
  EXPECT_EQ(c.output_histogram.edges[10], 3.998504877090454);
  EXPECT_EQ(c.absolute_histogram.edges[3], 0.00014998912229202688);

  EXPECT_EQ(c.mismatches.polygraphy, 491);
  EXPECT_EQ(c.mismatches.allclose, 241);
  EXPECT_EQ(c.mismatches.strict, 695);
  EXPECT_EQ(c.first_mismatch, 0);
  EXPECT_EQ(c.ulp.max, 3392358u);
  EXPECT_EQ(c.ulp.max_index, 853);
  EXPECT_EQ(c.ulp.within, (std::array<int64_t, 9>{1, 1, 1, 1, 2, 5, 18, 82, 327}));
  EXPECT_NEAR(c.global.l2, 0.009247832535703668, 1e-15);
  EXPECT_NEAR(c.global.relative_l2, 0.00012571286985971073, 1e-17);
  EXPECT_NEAR(c.global.cosine_similarity, 0.9999999920996717, 1e-14);
  EXPECT_NEAR(c.global.psnr_decibel, 82.71715346690443, 1e-9);
  EXPECT_NEAR(c.global.snr_decibel, 78.01238989749989, 1e-9);
  EXPECT_EQ(c.frontier.min_relative_at_absolute, 0.03827117010951042);
  EXPECT_EQ(c.frontier.min_absolute_at_relative, 0.0004999637603759766);
  EXPECT_EQ(c.verdict, Verdict::kFail);
}

TEST(CompareTensors, TakesZeroAsEpsilonInAFloatingReferenceOnly) {
  const OutputComparison bytes =
      Compare(Tensor::Vector<uint8_t>({1}), Tensor::Vector<uint8_t>({0}));
  EXPECT_EQ(bytes.absolute_difference.max.value, 1);
  EXPECT_EQ(bytes.relative_difference.max.value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(bytes.verdict, Verdict::kFail);

  const OutputComparison halves = Compare(*ConvertTensor(Floats({1}), DType::kFloat16),
                                          *ConvertTensor(Floats({0}), DType::kFloat16));
  EXPECT_EQ(halves.absolute_difference.max.value, 1);
  EXPECT_EQ(halves.relative_difference.max.value, 4503599627370496.0);
  EXPECT_EQ(halves.reference_special.zero, 1);

  const OutputComparison negative_zero = Compare(Floats({1}), Floats({-0.0f}));
  EXPECT_EQ(negative_zero.relative_difference.max.value, 4503599627370496.0);
  EXPECT_EQ(Compare(Floats({2.5}), Tensor::Vector<int32_t>({0})).relative_difference.max.value,
            std::numeric_limits<double>::infinity());
}

TEST(CompareTensors, PassesAnElementWithinEitherTolerance) {
  const Tensor output = Floats({1.001f, 1e-6f});
  const Tensor reference = Floats({1.0f, 1e-9f});
  EXPECT_EQ(Compare(output, reference, WithTolerance(1e-5, 2e-3)).verdict, Verdict::kPass);
  CompareOptions strict = WithTolerance(1e-5, 2e-3);
  strict.rule = ToleranceRule::kStrict;
  const OutputComparison failed = Compare(output, reference, strict);
  EXPECT_EQ(failed.verdict, Verdict::kFail);
  EXPECT_EQ(failed.mismatches.polygraphy, 0);
  EXPECT_EQ(failed.mismatches.allclose, 0);
  EXPECT_EQ(failed.mismatches.strict, 2);
}

TEST(CompareTensors, HoldsToleranceInDouble) {
  // float32(0.001) lies above 0.001.
  EXPECT_EQ(Compare(Floats({0.001f}), Floats({0.0f}), WithTolerance(0.001, 0)).verdict,
            Verdict::kFail);
  EXPECT_EQ(Compare(Floats({0.001f}), Floats({0.0f}), WithTolerance(0.001f, 0)).verdict,
            Verdict::kPass);
  EXPECT_EQ(Compare(Floats({0.5f}), Floats({0.0f}), WithTolerance(0.5, 0)).verdict, Verdict::kPass);
}

TEST(CompareTensors, FailsNanUnlessBothMayBeNan) {
  const Tensor output = Floats({kNan, 1});
  const Tensor reference = Floats({kNan, 1});
  const OutputComparison strict = Compare(output, reference);
  EXPECT_EQ(strict.verdict, Verdict::kFail);
  EXPECT_EQ(strict.mismatches.Of(ToleranceRule::kPolygraphy), 1);
  EXPECT_TRUE(std::isnan(strict.absolute_difference.max.value));
  EXPECT_EQ(strict.absolute_difference.max.index, 0);
  EXPECT_TRUE(std::isnan(strict.absolute_difference.median));
  EXPECT_EQ(strict.special_differences.nan, 0);

  CompareOptions options;
  options.nans_compare_equal = true;
  const OutputComparison equal = Compare(output, reference, options);
  EXPECT_EQ(equal.verdict, Verdict::kPass);
  EXPECT_EQ(equal.absolute_difference.max.value, 0);
  EXPECT_EQ(equal.relative_difference.max.value, 0);
  EXPECT_EQ(Compare(Floats({kNan, 1}), Floats({1, 1}), options).verdict, Verdict::kFail);
}

TEST(CompareTensors, FailsEqualInfinitiesUnlessTheyMayBeEqual) {
  const Tensor both = Floats({kInf, -kInf, 2});
  EXPECT_EQ(Compare(both, both).verdict, Verdict::kFail);
  CompareOptions options;
  options.infinities_compare_equal = true;
  const OutputComparison equal = Compare(both, both, options);
  EXPECT_EQ(equal.verdict, Verdict::kPass);
  EXPECT_EQ(equal.absolute_difference.max.value, 0);
  const OutputComparison opposite = Compare(Floats({kInf}), Floats({-kInf}), options);
  EXPECT_EQ(opposite.verdict, Verdict::kFail);
  EXPECT_EQ(opposite.absolute_difference.max.value, kInf);
  EXPECT_TRUE(std::isnan(opposite.relative_difference.max.value));
  EXPECT_EQ(opposite.special_differences.infinity, 1);
  EXPECT_EQ(opposite.special_differences.first_infinity, 0);
}

TEST(CompareTensors, CountsSpecialValuesAndWhereTheyDiffer) {
  const float subnormal = 1e-40f;
  const OutputComparison c = Compare(Floats({1, kNan, kInf, 0, subnormal, -kInf, 7}),
                                     Floats({1, kNan, 5, -0.0f, -subnormal, kNan, kNan}));
  EXPECT_EQ(c.output_special.nan, 1);
  EXPECT_EQ(c.output_special.first_nan, 1);
  EXPECT_EQ(c.output_special.positive_infinity, 1);
  EXPECT_EQ(c.output_special.negative_infinity, 1);
  EXPECT_EQ(c.output_special.first_infinity, 2);
  EXPECT_EQ(c.output_special.subnormal, 1);
  EXPECT_EQ(c.output_special.zero, 1);
  EXPECT_EQ(c.reference_special.nan, 3);
  EXPECT_EQ(c.reference_special.subnormal, 1);
  EXPECT_EQ(c.reference_special.zero, 1);
  EXPECT_EQ(c.special_differences.nan, 2);
  EXPECT_EQ(c.special_differences.first_nan, 5);
  EXPECT_EQ(c.special_differences.infinity, 1);
  EXPECT_EQ(c.special_differences.first_infinity, 2);
  EXPECT_EQ(c.output.finite_count(), 4);
  EXPECT_EQ(c.output.finite_max.value, 7);
  EXPECT_EQ(c.output.finite_max.index, 6);
  EXPECT_DOUBLE_EQ(c.output.finite_mean, (1 + 7 + static_cast<double>(subnormal)) / 4);
}

TEST(CompareTensors, NeverWrapsIntegerDifferences) {
  constexpr int32_t kMax32 = std::numeric_limits<int32_t>::max();
  constexpr int32_t kMin32 = std::numeric_limits<int32_t>::min();
  const OutputComparison narrow =
      Compare(Tensor::Vector<int32_t>({kMax32}), Tensor::Vector<int32_t>({kMin32}));
  EXPECT_EQ(narrow.absolute_difference.max.value, 4294967295.0);
  EXPECT_EQ(narrow.relative_difference.max.value, 4294967295.0 / 2147483648.0);
  EXPECT_EQ(narrow.verdict, Verdict::kFail);

  const OutputComparison unsigned_wide =
      Compare(Tensor::Vector<uint64_t>({0}), Tensor::Vector<uint64_t>({5}));
  EXPECT_EQ(unsigned_wide.absolute_difference.max.value, 5);
  EXPECT_EQ(unsigned_wide.relative_difference.max.value, 1);

  constexpr int64_t kBig = int64_t{1} << 53;
  const OutputComparison neighbours = Compare(Tensor::Vector<int64_t>({kBig + 1}),
                                              Tensor::Vector<int64_t>({kBig}), WithTolerance(0, 0));
  EXPECT_EQ(neighbours.absolute_difference.max.value, 1);
  EXPECT_EQ(neighbours.verdict, Verdict::kFail);

  const OutputComparison extremes =
      Compare(Tensor::Vector<int64_t>({INT64_MAX}), Tensor::Vector<int64_t>({INT64_MIN}));
  EXPECT_EQ(extremes.absolute_difference.max.value, 18446744073709551616.0);
  const OutputComparison mixed =
      Compare(Tensor::Vector<int64_t>({-1}), Tensor::Vector<uint64_t>({7}));
  EXPECT_EQ(mixed.absolute_difference.max.value, 8);
}

TEST(CompareTensors, ComparesBoolByXor) {
  Tensor output = Tensor::Allocate(DType::kBool, {3});
  Tensor reference = Tensor::Allocate(DType::kBool, {3});
  const std::vector<uint8_t> output_bytes = {1, 0, 2};
  const std::vector<uint8_t> reference_bytes = {1, 1, 1};
  std::copy(output_bytes.begin(), output_bytes.end(), static_cast<uint8_t*>(output.mutable_raw()));
  std::copy(reference_bytes.begin(), reference_bytes.end(),
            static_cast<uint8_t*>(reference.mutable_raw()));
  const OutputComparison c = Compare(output, reference);
  EXPECT_EQ(c.absolute_difference.max.value, 1);
  EXPECT_EQ(c.absolute_difference.max.index, 1);
  EXPECT_DOUBLE_EQ(c.absolute_difference.mean, 1.0 / 3);
  EXPECT_EQ(c.relative_difference.max.value, 1);
  EXPECT_EQ(c.mismatches.polygraphy, 1);
  EXPECT_FALSE(c.output.has_percentiles);
  EXPECT_FALSE(c.absolute_difference.has_percentiles);
  EXPECT_TRUE(c.relative_difference.has_percentiles);
  EXPECT_FALSE(c.output_histogram.valid);
  EXPECT_FALSE(c.absolute_histogram.valid);
  EXPECT_TRUE(c.relative_histogram.valid);
  EXPECT_FALSE(c.ulp.applicable);
}

TEST(CompareTensors, MixesTypesInTheWiderOne) {
  const OutputComparison integer = Compare(Tensor::Vector<int32_t>({3}), Floats({2.5}));
  EXPECT_EQ(integer.absolute_difference.max.value, 0.5);
  EXPECT_EQ(integer.relative_difference.max.value, 0.2);
  const OutputComparison wide = Compare(Floats({0.1f}), Tensor::Vector<double>({0.1}));
  EXPECT_DOUBLE_EQ(wide.absolute_difference.max.value, static_cast<double>(0.1f) - 0.1);
  EXPECT_TRUE(wide.ulp.applicable);
  EXPECT_EQ(wide.ulp.dtype, DType::kFloat32);
  EXPECT_EQ(wide.ulp.max, 0u);
}

TEST(CompareTensors, JudgesTheChosenStatistic) {
  const Tensor output = Floats({1, 1, 1, 2});
  const Tensor reference = Floats({1, 1, 1, 1});
  const auto verdict = [&](ErrorStat stat, double absolute, double quantile = 0.5) {
    CompareOptions options = WithTolerance(absolute, 0.1);
    options.error_stat = stat;
    options.error_quantile = quantile;
    return Compare(output, reference, options).verdict;
  };
  EXPECT_EQ(verdict(ErrorStat::kElementwise, 0.3), Verdict::kFail);
  EXPECT_EQ(verdict(ErrorStat::kMax, 0.3), Verdict::kFail);
  EXPECT_EQ(verdict(ErrorStat::kMax, 1), Verdict::kPass);
  EXPECT_EQ(verdict(ErrorStat::kMean, 0.25), Verdict::kPass);
  EXPECT_EQ(verdict(ErrorStat::kMean, 0.2), Verdict::kFail);
  EXPECT_EQ(verdict(ErrorStat::kMedian, 0), Verdict::kPass);
  EXPECT_EQ(verdict(ErrorStat::kQuantile, 0), Verdict::kPass);
  EXPECT_EQ(verdict(ErrorStat::kQuantile, 0.3, 0.9), Verdict::kFail);
}

TEST(RequiredTolerance, IsTheStatisticOfTheDifferences) {
  CompareOptions options;
  options.error_stat = ErrorStat::kQuantile;
  options.error_quantile = 0.75;
  const OutputComparison c = Compare(Floats({1, 2, 3, 6}), Floats({1, 1, 1, 4}), options);
  EXPECT_EQ(RequiredTolerance(c, ErrorStat::kElementwise).absolute, 2);
  EXPECT_EQ(RequiredTolerance(c, ErrorStat::kMax).relative, 2);
  EXPECT_EQ(RequiredTolerance(c, ErrorStat::kMean).absolute, 1.25);
  EXPECT_EQ(RequiredTolerance(c, ErrorStat::kMedian).absolute, 1.5);
  EXPECT_EQ(RequiredTolerance(c, ErrorStat::kQuantile).absolute, 2);
  EXPECT_TRUE(c.absolute_difference.quantiles.empty());
}

TEST(Verdict, IsVacuousWhenTheComparisonCouldNotFail) {
  EXPECT_EQ(Compare(Floats({}), Floats({})).verdict, Verdict::kVacuous);
  EXPECT_EQ(Compare(Floats({kNan, kNan}), Floats({kNan, kNan})).verdict, Verdict::kVacuous);
  EXPECT_EQ(Compare(Floats({0, -0.0f}), Floats({0, 0})).verdict, Verdict::kVacuous);
  EXPECT_EQ(Compare(Tensor::Vector<int64_t>({0, 0}), Tensor::Vector<int64_t>({0, 0})).verdict,
            Verdict::kVacuous);
  EXPECT_EQ(Compare(Floats({0, 0}), Floats({0, 1e-9f})).verdict, Verdict::kPass);
  EXPECT_EQ(Compare(Floats({0, 1}), Floats({0, 0})).verdict, Verdict::kFail);
  const OutputComparison empty = Compare(Floats({}), Floats({}));
  ASSERT_EQ(empty.reasons.size(), 1u);
  EXPECT_NE(empty.reasons[0].find("no elements"), std::string::npos);
}

TEST(Verdict, IsVacuousWhenBothSidesAreConstant) {
  const OutputComparison c = Compare(Floats({3, 3}), Floats({3, 3}));
  EXPECT_EQ(c.verdict, Verdict::kVacuous);
  EXPECT_EQ(c.reasons, std::vector<std::string>{"one number was compared, not 2: every element is "
                                                "3 on both sides"});
  EXPECT_EQ(Compare(Floats({3, 3}), Floats({3.000001f, 3.000001f})).verdict, Verdict::kVacuous);
  EXPECT_EQ(Compare(Floats({3, 3}), Floats({4, 4})).verdict, Verdict::kFail);
  EXPECT_EQ(Compare(Floats({3, 3}), Floats({3, 3.000001f})).verdict, Verdict::kPass);
  EXPECT_EQ(Compare(Floats({1, 1}), Floats({1.417f, 1.417f}), WithTolerance(2, 0)).verdict,
            Verdict::kPass);
  EXPECT_EQ(Compare(Floats({3}), Floats({3})).verdict, Verdict::kPass);
  EXPECT_EQ(Compare(Tensor::Vector<int64_t>({7, 7}), Tensor::Vector<int64_t>({7, 7})).verdict,
            Verdict::kPass);
}

TEST(Verdict, TakesASingleIntegerZeroForAnAnswer) {
  EXPECT_EQ(Compare(Tensor::Vector<int64_t>({0}), Tensor::Vector<int64_t>({0})).verdict,
            Verdict::kPass);
  EXPECT_EQ(Compare(Tensor::Vector<int32_t>({0}), Tensor::Vector<int64_t>({0})).verdict,
            Verdict::kPass);
  EXPECT_EQ(Compare(Floats({0}), Floats({0})).verdict, Verdict::kVacuous);
}

TEST(Verdict, PassesEqualElementsUnderEveryRule) {
  constexpr double kLargeTolerance = std::numeric_limits<double>::infinity();
  CompareOptions options;
  options.infinities_compare_equal = true;
  options.nans_compare_equal = true;
  for (const ToleranceRule rule :
       {ToleranceRule::kPolygraphy, ToleranceRule::kAllClose, ToleranceRule::kStrict}) {
    options.rule = rule;
    for (const double relative : {0.0, 1e-5, kLargeTolerance}) {
      options.tolerance = {0, relative};
      const OutputComparison integers = Compare(Tensor::Vector<int64_t>({0, 1, 2, 0}),
                                                Tensor::Vector<int64_t>({0, 1, 2, 0}), options);
      EXPECT_EQ(integers.verdict, Verdict::kPass);
      EXPECT_EQ(integers.relative_difference.max.value, 0);
      EXPECT_EQ(integers.mismatches.strict, 0);
      EXPECT_EQ(Compare(Tensor::Vector<int8_t>({0, 1}), Tensor::Vector<int8_t>({0, 1}), options)
                    .relative_difference.mean,
                0);
      EXPECT_EQ(Compare(Floats({0, kInf, kNan, -0.0f, 2}), Floats({0, kInf, kNan, 0, 2}), options)
                    .verdict,
                Verdict::kPass);
    }
  }
}

TEST(RelativeAsNumpy, IsNanWhereAnIntegerZeroStandsAgainstZero) {
  const Tensor output = Tensor::Vector<int64_t>({1, 0, 3});
  const Tensor reference = Tensor::Vector<int64_t>({1, 0, 2});
  const OutputComparison c = Compare(output, reference);
  EXPECT_EQ(c.first_zero_over_zero, 1);
  EXPECT_EQ(c.relative_difference.max.value, 0.5);
  const NumpyRelative relative = RelativeAsNumpy(c);
  EXPECT_TRUE(std::isnan(relative.Of(ErrorStat::kMax)));
  EXPECT_EQ(relative.statistics.max.index, 1);
  EXPECT_FALSE(relative.histogram.valid);
  EXPECT_TRUE(std::isnan(MakeDifferences(output, reference, {})->relative.ValueAsDouble(1)));
  EXPECT_EQ(RelativeAsNumpy(Compare(reference, output)).statistics.max.index, 1);
  EXPECT_EQ(RelativeAsNumpy(Compare(Floats({0}), Floats({0}))).Of(ErrorStat::kMax), 0);
}

TEST(CompareTensors, ComputesInDoubleWhatFloat32DoesNotHold) {
  const Tensor output = Floats({3e38f, 1});
  const Tensor reference = Floats({-3e38f, 1});
  const OutputComparison c = Compare(output, reference, WithTolerance(1e39, 0));
  EXPECT_EQ(c.verdict, Verdict::kPass);
  EXPECT_EQ(c.absolute_difference.max.value, 2.0 * 3e38f);
  EXPECT_EQ(c.relative_difference.max.value, 2);
  EXPECT_EQ(c.global.relative_l2, 2);
  EXPECT_EQ(c.ulp.dtype, DType::kFloat32);
  EXPECT_TRUE(c.options.in_double);
  const OutputComparison strict = Compare(output, reference, WithTolerance(1, 1));
  EXPECT_EQ(FindMismatches(output, reference, strict.options, 9)->size(), 1u);
  EXPECT_FALSE(Compare(Floats({kInf, 1}), Floats({-3e38f, 1})).options.in_double);
}

TEST(Verdict, PointsToTheOptionsForSharedSpecialValues) {
  const auto reasons = [](float value) {
    return Compare(Floats({value, 1}), Floats({value, 1})).reasons;
  };
  ASSERT_EQ(reasons(kInf).size(), 2u);
  EXPECT_NE(reasons(kInf)[1].find("--infinities-compare-equal"), std::string::npos);
  ASSERT_EQ(reasons(kNan).size(), 2u);
  EXPECT_NE(reasons(kNan)[1].find("--nans-compare-equal"), std::string::npos);
}

TEST(Verdict, TellsWhenAnOutputOfZerosWouldPassToo) {
  EXPECT_TRUE(Compare(Floats({1e-6f}), Floats({2e-6f})).zero_output_would_pass);
  EXPECT_FALSE(Compare(Floats({1}), Floats({1})).zero_output_would_pass);
  EXPECT_TRUE(Compare(Floats({1}), Floats({1}), WithTolerance(0, 1)).zero_output_would_pass);
}

TEST(Verdict, SaysHowManyElementsFailAndWhere) {
  const Tensor output = Tensor::Of<float>({2, 3}, {0, 0, 0, 0, 5, 9});
  const Tensor reference = Tensor::Of<float>({2, 3}, {0, 0, 0, 0, 1, 1});
  const OutputComparison c = Compare(output, reference, WithTolerance(1e-3, 1e-4));
  ASSERT_EQ(c.reasons.size(), 1u);
  EXPECT_EQ(c.reasons[0],
            "2 of 6 elements exceed both the absolute tolerance 0.001 and the relative tolerance "
            "0.0001, the first at (1, 1)");
}

TEST(CompareTensors, FailsDifferentShapesWithoutComparing) {
  const OutputComparison c = Compare(Tensor::Of<float>({1, 2}, {1, 2}), Floats({1, 2}));
  EXPECT_EQ(c.verdict, Verdict::kFail);
  EXPECT_FALSE(c.compared);
  ASSERT_EQ(c.reasons.size(), 1u);
  EXPECT_EQ(c.reasons[0], "the shapes differ: (1, 2) and (2,)");
}

TEST(CompareTensors, FitsShapesWhenAsked) {
  CompareOptions options;
  options.check_shapes = false;
  const OutputComparison reshaped =
      Compare(Tensor::Of<float>({1, 2}, {1, 2}), Floats({1, 2}), options);
  EXPECT_EQ(reshaped.verdict, Verdict::kPass);
  EXPECT_EQ(reshaped.shape, (Shape{1, 2}));
  const OutputComparison permuted = Compare(Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6}),
                                            Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), options);
  EXPECT_EQ(permuted.verdict, Verdict::kPass);
  const OutputComparison impossible = Compare(Floats({1, 2, 3}), Floats({1, 2}), options);
  EXPECT_EQ(impossible.verdict, Verdict::kFail);
  EXPECT_FALSE(impossible.compared);
  EXPECT_EQ(impossible.warnings.size(), 1u);
}

TEST(CompareTensors, RefusesWhatItCannotCompare) {
  ThreadPool pool(1);
  const Tensor strings = Tensor::Vector<std::string>({"a"});
  EXPECT_EQ(CompareTensors(strings, strings, {}, pool).status().code(), StatusCode::kUnsupported);
  const Tensor complex = Tensor::Zeros(DType::kComplex64, {1});
  EXPECT_EQ(CompareTensors(Floats({1}), complex, {}, pool).status().code(),
            StatusCode::kUnsupported);
  CompareOptions options = WithTolerance(-1, 0);
  EXPECT_EQ(CompareTensors(Floats({1}), Floats({1}), options, pool).status().code(),
            StatusCode::kUsage);
  options = WithTolerance(0, std::nan(""));
  EXPECT_EQ(CompareTensors(Floats({1}), Floats({1}), options, pool).status().code(),
            StatusCode::kUsage);
  options = {};
  options.quantiles = {1.5};
  EXPECT_EQ(CompareTensors(Floats({1}), Floats({1}), options, pool).status().code(),
            StatusCode::kUsage);
  const std::atomic<bool> cancelled = true;
  Monitor monitor;
  monitor.cancelled = &cancelled;
  EXPECT_EQ(CompareTensors(Floats({1}), Floats({1}), {}, pool, monitor).status().code(),
            StatusCode::kInterrupted);
}

TEST(CompareTensors, LeavesDistributionsOutOnRequestButNotWhatTheVerdictNeeds) {
  CompareOptions options;
  options.distributions = false;
  const SeededPair pair = MakeSeededPair(500);
  const OutputComparison lean = Compare(pair.output, pair.reference, options);
  EXPECT_FALSE(lean.output.has_order_statistics);
  EXPECT_FALSE(lean.output_histogram.valid);
  EXPECT_EQ(lean.mismatches.strict, Compare(pair.output, pair.reference).mismatches.strict);
  options.error_stat = ErrorStat::kMedian;
  EXPECT_TRUE(
      Compare(pair.output, pair.reference, options).absolute_difference.has_order_statistics);
}

TEST(FindMismatches, ListsWhatTheVerdictCounts) {
  const SeededPair pair = MakeSeededPair(3000);
  const CompareOptions options = WithTolerance(2e-4, 1e-4);
  const OutputComparison c = Compare(pair.output, pair.reference, options);
  const auto all = FindMismatches(pair.output, pair.reference, options, 1u << 20);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(static_cast<int64_t>(all->size()), c.mismatches.polygraphy);
  EXPECT_EQ(all->front(), c.first_mismatch);
  EXPECT_TRUE(std::is_sorted(all->begin(), all->end()));
  EXPECT_EQ(FindMismatches(pair.output, pair.reference, options, 3)->size(), 3u);
}

TEST(MakeDifferences, KeepsTheTypesOfTheArithmetic) {
  const auto floats = MakeDifferences(Floats({3, 1}), Floats({2, 0}), {});
  ASSERT_TRUE(floats.ok());
  EXPECT_EQ(floats->absolute.data<float>()[0], 1);
  EXPECT_EQ(floats->relative.data<float>()[0], 0.5f);
  EXPECT_EQ(floats->relative.data<float>()[1], 4503599627370496.0f);
  const auto integers =
      MakeDifferences(Tensor::Vector<uint64_t>({1}), Tensor::Vector<uint64_t>({4}), {});
  EXPECT_EQ(integers->absolute.data<double>()[0], 3);
  Tensor truth = Tensor::Zeros(DType::kBool, {1});
  EXPECT_EQ(MakeDifferences(truth, truth, {})->absolute.dtype(), DType::kBool);
}

TEST(SummarizeTensor, AgreesWithTheComparisonOfATensorWithItself) {
  ThreadPool pool(1);
  const SeededPair pair = MakeSeededPair(2000);
  const auto summary = SummarizeTensor(pair.output, pool);
  ASSERT_TRUE(summary.ok());
  const OutputComparison c = Compare(pair.output, pair.output);
  EXPECT_EQ(summary->statistics.mean, c.output.mean);
  EXPECT_EQ(summary->statistics.p95, c.output.p95);
  EXPECT_EQ(summary->statistics.median, c.output.median);
  EXPECT_EQ(summary->histogram.counts, c.output_histogram.counts);
  EXPECT_EQ(SummarizeTensor(Floats({}), pool)->statistics.p99,
            std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace assay
