#include "runners/native/requested_profile.h"

#include <gtest/gtest.h>

#include "ir/model_builder.h"

namespace assay {
namespace {

class RequestedProfileTest : public testing::Test {
 protected:
  RequestedProfileTest() : builder_(17) {
    builder_.Input("left", DType::kFloat32, {Dim::Symbol("N"), 4});
    builder_.Input("right", DType::kFloat32, {Dim::Symbol("N"), 4});
    builder_.Input("mask", DType::kFloat32, {4});
  }
  Result<ShapeProfile> Profile(const ProfileRequest& request, const NamedShapes& inputs = {}) {
    return RequestedProfile(builder_.model().graph, request, inputs);
  }
  std::string Error(const ProfileRequest& request) { return Profile(request).status().message(); }

  ModelBuilder builder_;
};

const Shape kOne = {1, 4};
const Shape kTwo = {2, 4};
const Shape kNine = {9, 4};

TEST_F(RequestedProfileTest, TakesWildcardsAndIsTunedForTheLargest) {
  const ShapeProfile expected = {{kOne, kNine, kNine}, {kOne, kNine, kNine}, {{4}, {4}, {4}}};
  const auto profile =
      Profile({.min_shapes = {{"?*t", kOne}}, .opt_shapes = {}, .max_shapes = {{"[lr]*", kNine}}});
  ASSERT_TRUE(profile.ok()) << profile.status().ToString();
  EXPECT_EQ(*profile, expected);
}

TEST_F(RequestedProfileTest, TheLastNameThatFitsCounts) {
  const auto profile = Profile({.min_shapes = {{"*t", kOne}, {"right", kTwo}},
                                .opt_shapes = {{"left", kTwo}},
                                .max_shapes = {{"*t", kNine}}});
  ASSERT_TRUE(profile.ok()) << profile.status().ToString();
  EXPECT_EQ((*profile)[0], (ShapeRange{kOne, kTwo, kNine}));
  EXPECT_EQ((*profile)[1], (ShapeRange{kTwo, kNine, kNine}));
}

TEST_F(RequestedProfileTest, InputsThatAreNotNamedHaveTheirShape) {
  const ProfileRequest request = {
      .min_shapes = {{"left", kOne}}, .opt_shapes = {}, .max_shapes = {{"left", kNine}}};
  EXPECT_EQ(Error(request),
            "profile: nothing says which shapes input \"right\" has, float32(N, 4)");
  const auto profile = Profile(request, {{"r*", kTwo}});
  ASSERT_TRUE(profile.ok()) << profile.status().ToString();
  EXPECT_EQ((*profile)[1], (ShapeRange{kTwo, kTwo, kTwo}));
}

TEST(FindShape, ANameFitsItself) {
  EXPECT_NE(FindShape({{"x[0]", kOne}}, "x[0]"), nullptr);
  EXPECT_EQ(FindShape({{"x[1]", kOne}}, "x[0]"), nullptr);
}

TEST_F(RequestedProfileTest, SaysWhatIsMissing) {
  EXPECT_EQ(Error({.min_shapes = {{"left", kOne}}, .opt_shapes = {}, .max_shapes = {}}),
            "profile: input \"left\" has --min-shapes, but not --max-shapes");
  EXPECT_EQ(Error({.min_shapes = {}, .opt_shapes = {{"left", kOne}}, .max_shapes = {}}),
            "profile: input \"left\" has --opt-shapes, but not --min-shapes and --max-shapes");
  EXPECT_EQ(Error({.min_shapes = {{"lfet", kOne}}, .opt_shapes = {}, .max_shapes = {}}),
            "--min-shapes: the model has no input \"lfet\"");
}

}  // namespace
}  // namespace assay
