#include "base/process.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

namespace assay {
namespace {

TEST(PeakMemory, GrowsWithTheMemoryThatIsTouchedAndNeverShrinks) {
  const size_t before = PeakMemoryBytes();
  ASSERT_GT(before, size_t{1} << 18);
  {
    std::vector<char> touched(before + (64u << 20), 1);
    ASSERT_EQ(touched.back(), 1);
  }
  const size_t after = PeakMemoryBytes();
  EXPECT_GE(after, before + (32u << 20));
  EXPECT_LE(ResidentMemoryBytes(), after);
}

TEST(LocalTime, IsLaidOutAsInRunnerNames) {
  const std::string text = LocalTime("%x-%X");
  EXPECT_TRUE(std::regex_match(text, std::regex(R"(\d\d/\d\d/\d\d-\d\d:\d\d:\d\d)"))) << text;
}

}  // namespace
}  // namespace assay
