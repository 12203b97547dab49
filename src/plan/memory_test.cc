#include "plan/memory.h"

#include <gtest/gtest.h>

#include <random>

namespace assay {
namespace {

TEST(PlaceLifetimes, ReusesMemoryThatIsFreeAgain) {
  const std::vector<Lifetime> lifetimes = {{128, 0, 1}, {128, 1, 2}, {128, 2, 3}};
  const Placement placement = PlaceLifetimes(lifetimes);
  EXPECT_EQ(placement.arena_bytes, 256U);
  EXPECT_EQ(placement.lower_bound_bytes, 256U);
  EXPECT_EQ(placement.offsets[0], placement.offsets[2]);
  EXPECT_TRUE(VerifyPlacement(lifetimes, placement).ok());
}

TEST(PlaceLifetimes, WritesAnOutputOverItsInput) {
  const std::vector<Lifetime> lifetimes = {{64, 0, 1}, {100, 1, 4, 0}, {64, 2, 3}};
  const Placement placement = PlaceLifetimes(lifetimes);
  EXPECT_EQ(placement.offsets[0], placement.offsets[1]);
  EXPECT_EQ(placement.arena_bytes, 192U);
  EXPECT_TRUE(VerifyPlacement(lifetimes, placement).ok());
}

TEST(PlaceLifetimes, PutsPartsOfAConcatenationSideBySide) {
  const std::vector<Lifetime> lifetimes = {{192, 2, 3}, {64, 0, 2, 0, 0}, {128, 1, 2, 0, 64}};
  const Placement placement = PlaceLifetimes(lifetimes);
  EXPECT_EQ(placement.arena_bytes, 192U);
  EXPECT_EQ(placement.offsets[1], placement.offsets[0]);
  EXPECT_EQ(placement.offsets[2], placement.offsets[0] + 64);
  EXPECT_TRUE(VerifyPlacement(lifetimes, placement).ok());
}

TEST(PlaceLifetimes, StaysNearTheLowerBoundOnRandomLifetimes) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> lifetimes;
    for (int i = 0; i < 60; ++i) {
      const int first = static_cast<int>(random() % 50);
      lifetimes.push_back({random() % 5000, first, first + static_cast<int>(random() % 6)});
    }
    const Placement placement = PlaceLifetimes(lifetimes);
    EXPECT_TRUE(VerifyPlacement(lifetimes, placement).ok());
    EXPECT_GE(placement.arena_bytes, placement.lower_bound_bytes);
    EXPECT_LE(static_cast<double>(placement.arena_bytes),
              1.5 * static_cast<double>(placement.lower_bound_bytes));
  }
}

TEST(VerifyPlacement, CatchesAPlantedOverlap) {
  const std::vector<Lifetime> lifetimes = {{128, 0, 2}, {128, 1, 3}};
  Placement placement = PlaceLifetimes(lifetimes);
  ASSERT_TRUE(VerifyPlacement(lifetimes, placement).ok());
  placement.offsets[1] = 64;
  const Status status = VerifyPlacement(lifetimes, placement);
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_EQ(status.message(),
            "memory plan: buffers 0 at [0, 128) and 1 at [64, 192) overlap at step 1");
}

TEST(VerifyPlacement, CatchesAliasesThatAreAliveTogether) {
  const std::vector<Lifetime> lifetimes = {{64, 0, 3}, {64, 1, 4, 0}};
  EXPECT_FALSE(VerifyPlacement(lifetimes, PlaceLifetimes(lifetimes)).ok());
}

TEST(VerifyPlacement, CatchesABufferOutsideTheArenaAndAMisalignedOne) {
  const std::vector<Lifetime> lifetimes = {{128, 0, 2}};
  Placement placement = PlaceLifetimes(lifetimes);
  placement.offsets[0] = 64;
  EXPECT_FALSE(VerifyPlacement(lifetimes, placement).ok());
  placement.offsets[0] = 8;
  placement.arena_bytes = 4096;
  EXPECT_EQ(VerifyPlacement(lifetimes, placement).message(),
            "memory plan: buffer 0 is not aligned");
}

}  // namespace
}  // namespace assay
