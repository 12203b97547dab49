#include "ops/ml_post_transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace assay {
namespace {

// Values by Newton's method on the series of the error function, with 700 digits.
TEST(NormalQuantile, IsExactToTheLastPlaces) {
  const std::vector<std::pair<double, double>> points = {
      {1e-20, -9.262340089798407},          {1e-05, -4.2648907939228247},
      {0.025, -1.9599639845400543},         {0.2, -0.84162123357291418},
      {0.4999999, -2.5066282747031063e-07}, {0.7, 0.52440051270804067},
      {0.975, 1.9599639845400538},          {0.999999, 4.7534243088170873},
  };
  for (const auto& [p, x] : points) {
    EXPECT_NEAR(NormalQuantile(p), x, 1e-15 * std::fmax(1.0, std::fabs(x)) * 2) << p;
  }
}

TEST(NormalQuantile, IsInfiniteAtTheEndsAndNothingOutside) {
  EXPECT_EQ(NormalQuantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(NormalQuantile(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(NormalQuantile(0.5), 0);
  EXPECT_TRUE(std::isnan(NormalQuantile(-0.1)));
  EXPECT_TRUE(std::isnan(NormalQuantile(1.1)));
  EXPECT_TRUE(std::isnan(NormalQuantile(std::numeric_limits<double>::quiet_NaN())));
}

TEST(SoftmaxZero, LeavesZerosAndMayHaveNothingElse) {
  std::vector<double> zeros = {0, 0};
  Apply(PostTransform::kSoftmaxZero, zeros);
  EXPECT_EQ(zeros, (std::vector<double>{0, 0}));
  std::vector<double> far = {-2000, 0, -2000};
  Apply(PostTransform::kSoftmaxZero, far);
  EXPECT_EQ(far, (std::vector<double>{0.5, 0, 0.5}));
}

}  // namespace
}  // namespace assay
