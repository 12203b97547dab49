#include "tensor/counter_random.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using Words = CounterRandom::Words;

// The known answers that the authors publish with their implementation, Random123.
TEST(CounterRandom, GivesTheKnownAnswersOfPhilox) {
  EXPECT_EQ(CounterRandom(0).Block({0, 0, 0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(CounterRandom(~uint64_t{0}).Block({~0U, ~0U, ~0U, ~0U}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      CounterRandom(0x299f31d0a4093822).Block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
      (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, UniformNumbersHave53Bits) {
  const CounterRandom random(0);
  const double expected = static_cast<double>(0x6627e8d5e169c58d >> 11) * 0x1p-53;
  EXPECT_EQ(random.Uniform(0), expected);
  EXPECT_NE(random.Uniform(1), random.Uniform(uint64_t{1} << 32));
}

}  // namespace
}  // namespace assay
