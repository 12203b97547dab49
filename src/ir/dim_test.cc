#include "ir/dim.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace assay {
namespace {

std::string Text(const Dim& dim) { return dim.ToString(); }

TEST(Dim, KnownExtentsAreComputed) {
  EXPECT_EQ(Text(Dim(3) + Dim(-5)), "-2");
  EXPECT_EQ(Text(Dim(3) - Dim(-5)), "8");
  EXPECT_EQ(Text(Dim(-3) * Dim(5)), "-15");
  EXPECT_EQ(Text(FloorDivide(-7, 2)), "-4");
  EXPECT_EQ(Text(FloorDivide(7, -2)), "-4");
  EXPECT_EQ(Text(FloorDivide(6, -1)), "-6");
}

TEST(Dim, ResultsThatDoNotFitAreUnknown) {
  const Dim most = INT64_MAX;
  const Dim least = INT64_MIN;
  EXPECT_EQ(Text(most + 1), "?");
  EXPECT_EQ(Text(least + -1), "?");
  EXPECT_EQ(Text(most - Dim(-1)), "?");
  EXPECT_EQ(Text(Dim(0) - least), "?");
  EXPECT_EQ(Text(Dim(-1) - least), "9223372036854775807");
  EXPECT_EQ(Text(most * 2), "?");
  EXPECT_EQ(Text(most * Dim(-2)), "?");
  EXPECT_EQ(Text(Dim(-1) * least), "?");
  EXPECT_EQ(Text(least * Dim(-1)), "?");
  EXPECT_EQ(Text(Dim(-2) * (least + 1)), "?");
  EXPECT_EQ(Text(least * 1), "-9223372036854775808");
  EXPECT_EQ(Text(Dim(2) * Dim(INT64_MIN / 2)), "-9223372036854775808");
  EXPECT_EQ(Text(Dim(-2) * Dim(INT64_MAX / 2)), "-9223372036854775806");
  EXPECT_EQ(Text(Dim(INT64_MIN / 2) * Dim(-2)), "?");
  EXPECT_EQ(Text(FloorDivide(least, -1)), "?");
  EXPECT_EQ(Text(Dim::Symbol("N") + most), "?");
  EXPECT_EQ(Text(Dim::Symbol("N") - least), "?");
}

TEST(Dim, ConstantsOnSymbolsAreCollected) {
  const Dim n = Dim::Symbol("N");
  EXPECT_EQ(Text(n + 2 - 5), "N - 3");
  EXPECT_EQ(Text(n + 2 - 2), "N");
  EXPECT_EQ(Text((n - 1) * 2), "2*(N - 1)");
  EXPECT_EQ(Text(FloorDivide(n - 1, 2) + 1), "floor((N - 1)/2) + 1");
}

}  // namespace
}  // namespace assay
