#include "compare/scaled_sums.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compare/compare_function.h"
#include "compare/test_data.h"

namespace assay {
namespace {

using test::Compare;

constexpr double kInf = std::numeric_limits<double>::infinity();

Tensor Doubles(const std::vector<double>& values) { return Tensor::Vector<double>(values); }

Verdict JudgeBy(CompareFunction function, const OutputComparison& comparison) {
  const CompareFunctionDef& def = CompareFunctionOf(function);
  return JudgeThreshold(def, comparison, def.default_threshold).verdict;
}

TEST(ScaledSums, HugeDifferencesAreNoPass) {
  const OutputComparison c = Compare(Doubles({1e200, 1}), Doubles({2e200, 1}));
  EXPECT_DOUBLE_EQ(c.global.l2, 1e200);
  EXPECT_DOUBLE_EQ(c.global.relative_l2, 0.5);
  EXPECT_DOUBLE_EQ(c.global.root_mean_square, 1e200 / std::sqrt(2));
  EXPECT_DOUBLE_EQ(c.global.cosine_similarity, 1);
  EXPECT_NEAR(c.global.psnr_decibel, 10 * std::log10(2), 1e-9);
  EXPECT_NEAR(c.global.snr_decibel, 0, 1e-9);
  for (const CompareFunction function :
       {CompareFunction::kL2, CompareFunction::kPsnr, CompareFunction::kSnr}) {
    EXPECT_EQ(JudgeBy(function, c), Verdict::kFail);
  }
}

TEST(ScaledSums, TinyValuesKeepTheirAngle) {
  const OutputComparison c = Compare(Doubles({1e-170, 2e-170}), Doubles({2e-170, 1e-170}));
  EXPECT_NEAR(c.global.cosine_similarity, 0.8, 1e-15);
  EXPECT_NEAR(c.global.l2, std::sqrt(2) * 1e-170, 1e-184);
  EXPECT_NEAR(c.global.relative_l2, std::sqrt(0.4), 1e-15);
  EXPECT_NEAR(c.global.snr_decibel, 10 * std::log10(2.5), 1e-9);
  EXPECT_EQ(JudgeBy(CompareFunction::kCosineSimilarity, c), Verdict::kFail);
  EXPECT_EQ(JudgeBy(CompareFunction::kSnr, c), Verdict::kFail);
}

TEST(ScaledSums, DeviationsAndMeansOfHugeValuesAreFinite) {
  const OutputComparison c = Compare(Doubles({1e300, 1}), Doubles({1e-300, 1}));
  EXPECT_DOUBLE_EQ(c.absolute_difference.standard_deviation, 5e299);
  EXPECT_DOUBLE_EQ(c.output.standard_deviation, 5e299);
  EXPECT_EQ(c.output.variance, kInf);
  const OutputComparison opposite = Compare(Doubles({1.7e308, -1.7e308}), Doubles({1, 1}));
  EXPECT_EQ(opposite.output.mean, 0);
  EXPECT_DOUBLE_EQ(opposite.output.average_magnitude, 1.7e308);
  EXPECT_DOUBLE_EQ(opposite.output.standard_deviation, 1.7e308);
}

TEST(ScaledSums, SubnormalValuesHaveDeviations) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const OutputComparison c = Compare(Doubles({0, 4 * tiny}), Doubles({8 * tiny, 4 * tiny}));
  EXPECT_EQ(c.output.standard_deviation, 2 * tiny);
  EXPECT_EQ(c.global.l2, 8 * tiny);
}

TEST(ScaledSums, TheSameUpToTheScale) {
  test::Uniform random(11);
  std::vector<double> a;
  std::vector<double> b;
  for (int i = 0; i < 10000; ++i) {
    a.push_back(random.Next() * 8 - 4);
    b.push_back(a.back() + random.Next() * 1e-3);
  }
  const OutputComparison plain = Compare(Doubles(a), Doubles(b));
  for (const int exponent : {-1000, -500, 500, 1000}) {
    std::vector<double> scaled_a;
    std::vector<double> scaled_b;
    for (size_t i = 0; i < a.size(); ++i) {
      scaled_a.push_back(std::ldexp(a[i], exponent));
      scaled_b.push_back(std::ldexp(b[i], exponent));
    }
    const OutputComparison c = Compare(Doubles(scaled_a), Doubles(scaled_b));
    EXPECT_DOUBLE_EQ(c.global.l2, std::ldexp(plain.global.l2, exponent));
    EXPECT_DOUBLE_EQ(c.global.relative_l2, plain.global.relative_l2);
    EXPECT_DOUBLE_EQ(c.global.max_over_rms, plain.global.max_over_rms);
    EXPECT_NEAR(c.global.cosine_similarity, plain.global.cosine_similarity, 1e-15);
    EXPECT_NEAR(c.global.snr_decibel, plain.global.snr_decibel, 1e-9);
    EXPECT_NEAR(c.global.psnr_decibel, plain.global.psnr_decibel, 1e-9);
    EXPECT_DOUBLE_EQ(c.output.mean, std::ldexp(plain.output.mean, exponent));
    EXPECT_DOUBLE_EQ(c.output.standard_deviation,
                     std::ldexp(plain.output.standard_deviation, exponent));
  }
}

TEST(ScaledSums, RatiosToInfinitiesHaveNoValue) {
  CompareOptions options;
  options.infinities_compare_equal = true;
  const OutputComparison c = Compare(Doubles({kInf, 1}), Doubles({kInf, 2}), options);
  EXPECT_TRUE(std::isnan(c.global.snr_decibel));
  EXPECT_TRUE(std::isnan(c.global.psnr_decibel));
  EXPECT_TRUE(std::isnan(c.global.relative_l2));
  EXPECT_EQ(c.global.l2, 1);
  EXPECT_EQ(JudgeBy(CompareFunction::kSnr, c), Verdict::kFail);
  EXPECT_EQ(JudgeBy(CompareFunction::kPsnr, c), Verdict::kFail);
}

}  // namespace
}  // namespace assay
