#include "report/step_profile.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(StepProfile, ShowsTheSlowestStepFirstWithItsShare) {
  StepProfile profile;
  profile.Add({{{"conv1", "relu1"}, "cpu.conv", 0.001}, {{"pool"}, "cpu.pool", 0.002}});
  profile.Add({{{"conv1", "relu1"}, "cpu.conv", 0.003}, {{"pool"}, "cpu.pool", 0.006}});
  profile.Add({{{"conv1", "relu1"}, "cpu.conv", 0.002}, {{"pool"}, "cpu.pool", 0.006}});
  ASSERT_EQ(profile.lines().size(), 2u);
  EXPECT_DOUBLE_EQ(profile.lines()[0].median_seconds(), 0.002);
  EXPECT_DOUBLE_EQ(profile.total_seconds(), 0.008);
  const std::string text = profile.ToString();
  EXPECT_LT(text.find("cpu.pool"), text.find("cpu.conv"));
  EXPECT_NE(text.find("75.0"), std::string::npos);
  EXPECT_NE(text.find("conv1 + relu1"), std::string::npos);
}

TEST(StepProfile, StartsAnewWhenThePlanChanges) {
  StepProfile profile;
  profile.Add({{{"a"}, "cpu.conv", 1}});
  profile.Add({{{"a"}, "cpu.other", 2}});
  ASSERT_EQ(profile.lines().size(), 1u);
  EXPECT_EQ(profile.lines()[0].seconds, std::vector<double>{2});
}

}  // namespace
}  // namespace assay
