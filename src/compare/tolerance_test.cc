#include "compare/tolerance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "compare/test_data.h"
#include "compare/verdict.h"

namespace assay {
namespace {

TEST(ErrorStat, RoundTripsThroughItsName) {
  for (int i = 0; i < kErrorStatCount; ++i) {
    const auto stat = static_cast<ErrorStat>(i);
    EXPECT_EQ(ErrorStatFromName(ErrorStatName(stat)), stat);
  }
  EXPECT_EQ(ErrorStatFromName("elementwise"), std::nullopt);
}

TEST(ToleranceRule, RoundTripsThroughItsName) {
  for (int i = 0; i < kToleranceRuleCount; ++i) {
    const auto rule = static_cast<ToleranceRule>(i);
    EXPECT_EQ(ToleranceRuleFromName(ToleranceRuleName(rule)), rule);
  }
  EXPECT_EQ(ToleranceRuleFromName(""), std::nullopt);
}

TEST(WithinTolerance, NeedsOneToleranceOrBoth) {
  EXPECT_TRUE(WithinTolerance(1, 5, {1, 0}));
  EXPECT_TRUE(WithinTolerance(9, 0.5, {1, 0.5}));
  EXPECT_FALSE(WithinTolerance(9, 5, {1, 0.5}));
  EXPECT_FALSE(WithinTolerance(1, 5, {1, 0}, ToleranceRule::kStrict));
  EXPECT_TRUE(WithinTolerance(std::nan(""), 0, {1, 1}));
  EXPECT_FALSE(WithinTolerance(std::nan(""), std::nan(""), {1, 1}));
  EXPECT_FALSE(WithinTolerance(std::nan(""), 0, {1, 1}, ToleranceRule::kStrict));
}

TEST(CombineVerdicts, LetsTheWorstWin) {
  using V = std::vector<Verdict>;
  EXPECT_EQ(CombineVerdicts(V{}), Verdict::kVacuous);
  EXPECT_EQ(CombineVerdicts(V{Verdict::kPass, Verdict::kPass}), Verdict::kPass);
  EXPECT_EQ(CombineVerdicts(V{Verdict::kPass, Verdict::kVacuous}), Verdict::kVacuous);
  EXPECT_EQ(CombineVerdicts(V{Verdict::kVacuous, Verdict::kUnmatched}), Verdict::kUnmatched);
  EXPECT_EQ(CombineVerdicts(V{Verdict::kUnmatched, Verdict::kFail, Verdict::kPass}),
            Verdict::kFail);
}

// Every point must admit all elements, and shrinking its relative tolerance must not.
TEST(ToleranceFrontier, HoldsForEveryPointAndIsTight) {
  test::Uniform random(17);
  std::vector<float> output;
  std::vector<float> reference;
  for (int i = 0; i < 5000; ++i) {
    reference.push_back((random.Next() - 0.5f) * std::exp(random.Next() * 12));
    output.push_back(reference.back() +
                     (random.Next() - 0.5f) * std::exp(random.Next() * 6) * 1e-4f);
  }
  const Tensor output_tensor = Tensor::Vector<float>(output);
  const Tensor reference_tensor = Tensor::Vector<float>(reference);
  CompareOptions options;
  options.tolerance = {1e-3, 1e-2};
  const OutputComparison c = test::Compare(output_tensor, reference_tensor, options);
  ASSERT_GE(c.frontier.points.size(), 4u);
  EXPECT_EQ(c.frontier.points.front().absolute, c.absolute_difference.max.value);
  EXPECT_EQ(c.frontier.points.front().relative, 0);
  EXPECT_EQ(c.frontier.points.back().absolute, 0);
  const auto passes = [&](double absolute, double relative) {
    options.tolerance = {absolute, relative};
    return test::Compare(output_tensor, reference_tensor, options).verdict == Verdict::kPass;
  };
  for (size_t i = 0; i < c.frontier.points.size(); ++i) {
    const Tolerance& point = c.frontier.points[i];
    EXPECT_TRUE(passes(point.absolute, point.relative)) << i;
    if (point.relative > 0) {
      EXPECT_FALSE(passes(point.absolute, std::nextafter(static_cast<float>(point.relative), 0.0f)))
          << i;
    }
    if (i > 0) {
      EXPECT_LT(point.absolute, c.frontier.points[i - 1].absolute);
      EXPECT_GT(point.relative, c.frontier.points[i - 1].relative);
    }
  }
  EXPECT_TRUE(passes(1e-3, *c.frontier.min_relative_at_absolute));
  EXPECT_FALSE(
      passes(1e-3, std::nextafter(static_cast<float>(*c.frontier.min_relative_at_absolute), 0.0f)));
  EXPECT_TRUE(passes(*c.frontier.min_absolute_at_relative, 1e-2));
  EXPECT_FALSE(
      passes(std::nextafter(static_cast<float>(*c.frontier.min_absolute_at_relative), 0.0f), 1e-2));
}

TEST(ToleranceFrontier, SaysWhyNoTolerancesPass) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const float nan = std::nanf("");
  const auto compare = [](float first, float reference, ToleranceRule rule) {
    CompareOptions options;
    options.rule = rule;
    return test::Compare(Tensor::Vector<float>({first, 1.5f, 1}),
                         Tensor::Vector<float>({reference, 1, 1}), options)
        .frontier;
  };
  for (const ToleranceRule rule :
       {ToleranceRule::kPolygraphy, ToleranceRule::kAllClose, ToleranceRule::kStrict}) {
    EXPECT_TRUE(compare(nan, 1, rule).points.empty());
    EXPECT_EQ(compare(nan, 1, rule).min_relative_at_absolute, std::nullopt);
    EXPECT_EQ(compare(nan, 1, rule).obstacle,
              "1 elements are NaN on one side only, the first at (0,)");
    EXPECT_EQ(compare(kInf, 1, rule).obstacle,
              "1 elements are infinite on one side only or differ in sign, the first at (0,)");
    EXPECT_EQ(compare(kInf, kInf, rule).obstacle,
              "1 elements are the same infinity on both sides: --infinities-compare-equal lets "
              "them pass");
    EXPECT_TRUE(compare(1, 1, rule).obstacle.empty());
  }
  EXPECT_EQ(
      test::Compare(Tensor::Vector<float>({1}), Tensor::Vector<float>({1})).frontier.points.size(),
      1u);
}

TEST(ToleranceFrontier, HasNoRelativeToleranceForAnIntegerZero) {
  const OutputComparison c =
      test::Compare(Tensor::Vector<int32_t>({3, 5}), Tensor::Vector<int32_t>({0, 4}));
  EXPECT_EQ(c.frontier.min_relative_at_absolute, std::nullopt);
  EXPECT_EQ(c.frontier.min_absolute_at_relative, 3);
  ASSERT_EQ(c.frontier.points.size(), 1u);
  EXPECT_EQ(c.frontier.points[0].absolute, 3);
  EXPECT_EQ(c.frontier.points[0].relative, 0);
}

}  // namespace
}  // namespace assay
