#include "ops/window.h"

#include <gtest/gtest.h>

#include <vector>

namespace assay {
namespace {

WindowAttributes Attributes(int64_t kernel, int64_t stride, int64_t dilation, int64_t begin,
                            int64_t end, bool ceil_mode = false) {
  return {.kernel = {kernel},
          .strides = {stride},
          .dilations = {dilation},
          .pads = {begin, end},
          .ceil_mode = ceil_mode};
}

TEST(WindowCount, CountsWindowsThatFit) {
  EXPECT_EQ(WindowCount(Attributes(3, 2, 1, 1, 1), 0, 224).value(), 112);
  EXPECT_EQ(WindowCount(Attributes(3, 1, 2, 0, 0), 0, 5).value(), 1);
  EXPECT_EQ(WindowCount(Attributes(2, 2, 1, 0, 0), 0, 5).value(), 2);
}

TEST(WindowCount, RoundsUpInCeilModeUnlessTheWindowStartsInTheEndPadding) {
  EXPECT_EQ(WindowCount(Attributes(2, 2, 1, 0, 0, true), 0, 5).value(), 3);
  EXPECT_EQ(WindowCount(Attributes(1, 2, 1, 0, 1, true), 0, 4).value(), 2);
  EXPECT_EQ(WindowCount(Attributes(3, 3, 1, 1, 1, true), 0, 6).value(), 3);
}

TEST(WindowCount, KeepsSymbols) {
  const Dim h = Dim::Symbol("H");
  EXPECT_TRUE(WindowCount(Attributes(3, 1, 1, 1, 1), 0, h).SameAs(h));
  const Dim half = WindowCount(Attributes(3, 2, 1, 1, 1), 0, h);
  EXPECT_TRUE(half.SameAs(FloorDivide(h - Dim(1), 2) + Dim(1))) << half.ToString();
  // Could be either of two numbers.
  EXPECT_FALSE(WindowCount(Attributes(1, 2, 1, 0, 1, true), 0, h).IsSymbolic());
}

TEST(WindowCount, OfAutomaticPaddingDividesByTheStride) {
  WindowAttributes attributes = Attributes(5, 2, 1, 0, 0);
  attributes.auto_pad = AutoPad::kSameUpper;
  EXPECT_EQ(WindowCount(attributes, 0, 7).value(), 4);
  EXPECT_EQ(WindowCount(attributes, 0, 1).value(), 1);
}

TEST(ResolveWindow, SplitsAutomaticPadding) {
  WindowAttributes attributes = Attributes(4, 1, 1, 0, 0);
  const std::vector<int64_t> input = {5};
  attributes.auto_pad = AutoPad::kSameUpper;
  const auto upper = ResolveWindow(attributes, input);
  ASSERT_TRUE(upper.ok());
  EXPECT_EQ((*upper)[0].pad_begin, 1);
  EXPECT_EQ((*upper)[0].pad_end, 2);
  attributes.auto_pad = AutoPad::kSameLower;
  const auto lower = ResolveWindow(attributes, input);
  ASSERT_TRUE(lower.ok());
  EXPECT_EQ((*lower)[0].pad_begin, 2);
  EXPECT_EQ((*lower)[0].pad_end, 1);
}

TEST(ResolveWindow, RefusesWindowsLargerThanThePaddedInput) {
  const std::vector<int64_t> input = {2};
  const auto axes = ResolveWindow(Attributes(5, 1, 1, 1, 1), input);
  ASSERT_FALSE(axes.ok());
  EXPECT_EQ(axes.status().code(), StatusCode::kInvalidInput);
  EXPECT_NE(axes.status().message().find("expected at most 4"), std::string::npos)
      << axes.status().message();
}

TEST(WindowWalk, VisitsTheTapsInsideTheInput) {
  // 3 x 4 plane, 2 x 3 kernel with dilation 2 along the rows, pads 1 all around.
  const std::vector<WindowAxis> axes = {{3, 2, 1, 2, 1, 1, 3}, {4, 3, 2, 1, 1, 1, 2}};
  const WindowWalk walk(axes);
  const auto taps = [&](int64_t output) {
    std::vector<int64_t> offsets;
    walk.ForEachTap(output, [&](int64_t offset) { offsets.push_back(offset); });
    return offsets;
  };
  EXPECT_EQ(taps(0), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(taps(1), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(taps(2), (std::vector<int64_t>{0, 1, 8, 9}));
  EXPECT_EQ(taps(5), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(walk.PaddedTapCount(0), 6);
}

TEST(WindowWalk, CountsNoTapsBeyondThePadding) {
  // Ceil mode: the second window starts at 3 and reaches past the padding that ends at 5.
  const std::vector<WindowAxis> axes = {{4, 3, 3, 1, 0, 1, 2}};
  EXPECT_EQ(WindowWalk(axes).PaddedTapCount(1), 2);
}

}  // namespace
}  // namespace assay
