#include "base/executable_path.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(ExecutablePath, IsAnAbsolutePathOfThisProgram) {
  Result<std::filesystem::path> path = ExecutablePath();
  ASSERT_TRUE(path.ok()) << path.status().ToString();
  EXPECT_TRUE(path->is_absolute());
  EXPECT_TRUE(std::filesystem::is_regular_file(*path));
  EXPECT_EQ(path->filename(), "assay_base_test");
}

}  // namespace
}  // namespace assay
