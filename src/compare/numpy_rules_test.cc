#include "compare/numpy_rules.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(QuantilePosition, FallsBetweenRanksAsInNumpy) {
  const RankPosition middle = QuantilePosition(0.9, 10);  // (10 - 1) * 0.9 = 8.1
  EXPECT_EQ(middle.lower, 8);
  EXPECT_EQ(middle.upper, 9);
  EXPECT_NEAR(middle.weight, 0.1, 1e-15);
  const RankPosition last = QuantilePosition(1.0, 10);
  EXPECT_EQ(last.lower, 9);
  EXPECT_EQ(last.upper, 9);
  const RankPosition only = QuantilePosition(0.5, 1);
  EXPECT_EQ(only.lower, 0);
  EXPECT_EQ(only.upper, 0);
}

// Expected: numpy 2.4, numpy.quantile of a two-element array of the type.
TEST(Interpolate, RoundsInTheArraysOwnType) {
  EXPECT_EQ(Interpolate(1, 2, 0.3, Precision::kDouble), 1.3);
  EXPECT_EQ(Interpolate(1, 2, 0.3, Precision::kSingle), 1.2999999523162842);
  EXPECT_EQ(Interpolate(1, 2, 0.3, Precision::kHalf), 1.2998046875);
  EXPECT_EQ(Interpolate(1, 2, 0.7, Precision::kHalf), 1.7001953125);
  EXPECT_EQ(Interpolate(-3, 5, 0.9, Precision::kSingle), 4.199999809265137);
}

TEST(Interpolate, StaysFiniteBetweenFiniteExtremes) {
  EXPECT_EQ(Interpolate(-1.7e308, 1.7e308, 0.5, Precision::kDouble), 0);
  EXPECT_DOUBLE_EQ(MiddleOf(1.6e308, 1.7e308, Precision::kDouble), 1.65e308);
  EXPECT_EQ(MiddleOf(3e38f, 3.2e38f, Precision::kSingle), static_cast<float>(3.1e38));
}

TEST(Interpolate, GivesNanBetweenEqualInfinitiesAsNumpyDoes) {
  EXPECT_TRUE(std::isnan(Interpolate(kInfinity, kInfinity, 0.5, Precision::kSingle)));
  EXPECT_EQ(Interpolate(1, kInfinity, 0.25, Precision::kSingle), kInfinity);
}

TEST(MiddleOf, AveragesInTheArraysType) {
  EXPECT_EQ(MiddleOf(1, 2, Precision::kSingle), 1.5);
  EXPECT_EQ(MiddleOf(kInfinity, kInfinity, Precision::kSingle), kInfinity);
  EXPECT_TRUE(std::isnan(MiddleOf(-kInfinity, kInfinity, Precision::kSingle)));
  // 16777216 + 16777217 rounds to a multiple of 4 in float32.
  EXPECT_EQ(MiddleOf(16777216, 16777218, Precision::kSingle), 16777216);
}

// Expected: numpy 2.4, numpy.histogram(a, bins=10)[1] with the range of the array.
TEST(EmptyHistogram, PlacesEdgesAsNumpyDoes) {
  const Histogram single = EmptyHistogram(0, 0.7f, Precision::kSingle, true);
  ASSERT_TRUE(single.valid);
  EXPECT_EQ(single.edges[1], 0.07000000029802322);
  EXPECT_EQ(single.edges[3], 0.21000000834465027);
  EXPECT_EQ(single.edges[7], 0.49000000953674316);
  EXPECT_EQ(single.edges[10], 0.699999988079071);
  const Histogram half = EmptyHistogram(-3.994140625, 3.998046875, Precision::kHalf, false);
  EXPECT_EQ(half.edges[1], -3.1953125);
  EXPECT_EQ(half.edges[5], 0.001953125);
}

TEST(EmptyHistogram, WidensARangeOfOneValue) {
  const Histogram histogram = EmptyHistogram(2, 2, Precision::kSingle, true);
  ASSERT_TRUE(histogram.valid);
  EXPECT_EQ(histogram.edges.front(), 1.5);
  EXPECT_EQ(histogram.edges.back(), 2.5);
}

TEST(EmptyHistogram, RefusesRangesThatNumpyRefuses) {
  EXPECT_FALSE(EmptyHistogram(0, kInfinity, Precision::kSingle, true).valid);
  EXPECT_FALSE(EmptyHistogram(std::nan(""), 1, Precision::kSingle, true).valid);
  // Two neighbouring floats leave no room for ten bins.
  EXPECT_FALSE(EmptyHistogram(1.0f, std::nextafter(1.0f, 2.0f), Precision::kSingle, true).valid);
  EXPECT_TRUE(EmptyHistogram(1.0f, std::nextafter(1.0f, 2.0f), Precision::kDouble, true).valid);
}

}  // namespace
}  // namespace assay
