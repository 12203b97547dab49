#include "base/process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
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
  const size_t resident = ResidentMemoryBytes();
  EXPECT_LE(resident, PeakMemoryBytes());
}

// Run by the next test in a process of its own.
TEST(PeakMemory, DISABLED_IsSmallAtTheStart) { EXPECT_LT(PeakMemoryBytes(), size_t{128} << 20); }

TEST(PeakMemory, LeavesOutTheProcessThatStartedThisOne) {
  const std::vector<char> large(size_t{256} << 20, 1);
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "exec '" + program +
                              "' --gtest_also_run_disabled_tests "
                              "--gtest_filter=PeakMemory.DISABLED_IsSmallAtTheStart >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(large.back(), 1);
}

TEST(LocalTime, IsLaidOutAsInRunnerNames) {
  const std::string text = LocalTime("%x-%X");
  EXPECT_TRUE(std::regex_match(text, std::regex(R"(\d\d/\d\d/\d\d-\d\d:\d\d:\d\d)"))) << text;
}

}  // namespace
}  // namespace assay
