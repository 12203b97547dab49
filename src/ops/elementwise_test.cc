#include "ops/elementwise.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace assay {
namespace {

// Offset in `input` of the element that goes with flat index `at` of `output`, axis by axis.
int64_t OffsetOf(const Shape& input, const Shape& output, int64_t at) {
  const std::vector<int64_t> strides = input.Strides();
  int64_t offset = 0;
  for (int axis = output.rank() - 1; axis >= 0; --axis) {
    const int own = axis - output.rank() + input.rank();
    if (own >= 0 && input[own] != 1) {
      offset += at % output[axis] * strides[static_cast<size_t>(own)];
    }
    at /= output[axis];
  }
  return offset;
}

// A shape that broadcasts into `output`.
Shape RandomOperand(const Shape& output, std::mt19937& random) {
  std::vector<int64_t> dims(output.begin(), output.end());
  for (int64_t& dim : dims) {
    if (random() % 3 == 0) dim = 1;
  }
  const size_t dropped = random() % (dims.size() + 1);
  dims.erase(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(dropped));
  return Shape(std::move(dims));
}

TEST(BroadcastCursor, GivesTheOffsetsOfEveryInput) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<int64_t> dims(random() % 6);
    for (int64_t& dim : dims) dim = 1 + static_cast<int64_t>(random() % 3);
    const Shape output(dims);
    const std::vector<Shape> inputs = {RandomOperand(output, random), RandomOperand(output, random),
                                       output};
    const BroadcastCursor cursor(output, inputs);
    const auto begin = static_cast<int64_t>(random() % static_cast<size_t>(output.elements()));
    int64_t next = begin;
    cursor.ForEachRun(
        begin, output.elements(), [&](int64_t at, int64_t count, auto offsets, auto steps) {
          ASSERT_EQ(at, next);
          for (int64_t k = 0; k < count; ++k) {
            for (size_t i = 0; i < inputs.size(); ++i) {
              ASSERT_EQ(offsets[i] + k * steps[i], OffsetOf(inputs[i], output, at + k))
                  << "input " << inputs[i].ToString() << " of " << output.ToString();
            }
          }
          next = at + count;
        });
    EXPECT_EQ(next, output.elements());
  }
}

TEST(BroadcastCursor, MergesAxesIntoOneRun) {
  const std::vector<Shape> inputs = {Shape{4, 5, 1, 6}, Shape{}};
  const BroadcastCursor cursor(Shape{4, 5, 1, 6}, inputs);
  int runs = 0;
  cursor.ForEachRun(0, 120, [&](int64_t, int64_t count, auto, auto) {
    ++runs;
    EXPECT_EQ(count, 120);
  });
  EXPECT_EQ(runs, 1);
}

TEST(BroadcastCursor, OfNothingHasNoRuns) {
  const std::vector<Shape> inputs = {Shape{0, 1}, Shape{3}};
  const BroadcastCursor cursor(Shape{0, 3}, inputs);
  cursor.ForEachRun(0, 0, [&](int64_t, int64_t, auto, auto) { FAIL(); });
}

}  // namespace
}  // namespace assay
