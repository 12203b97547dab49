#include "compare/logit_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "compare/test_data.h"

namespace assay {
namespace {

using test::Compare;

double Logit(double p) { return std::log(p) - std::log1p(-p); }

TEST(LogitView, MeasuresErrorsInLogits) {
  const std::vector<float> output = {0.5f, 0.25f, 0.9f, 1e-3f};
  const std::vector<float> reference = {0.501f, 0.25f, 0.8f, 1.5e-3f};
  const OutputComparison c =
      Compare(Tensor::Vector<float>(output), Tensor::Vector<float>(reference));
  ASSERT_TRUE(c.logit);
  EXPECT_EQ(c.logit->max_logit_error.index, 2);
  EXPECT_NEAR(c.logit->max_logit_error.value, Logit(0.9f) - Logit(0.8f), 1e-6);
  EXPECT_EQ(c.logit->max_log_error.index, 3);
  EXPECT_NEAR(c.logit->max_log_error.value, std::log(1.5), 1e-6);
  EXPECT_FALSE(c.logit->is_floor_effect);
  EXPECT_EQ(c.logit->above_floor, 3);
}

// p near 0 formed as 1 - x in float32 on one side: steps of 2^-24.
TEST(LogitView, TellsARoundingFloorFromALogitError) {
  std::vector<float> reference;
  std::vector<float> floored;
  std::vector<float> shifted;
  for (int i = 0; i < 2000; ++i) {
    const double logit = -17.0 + i * 0.015;  // p from 4e-8 to 1 - 2e-6
    const double p = 1 / (1 + std::exp(-logit));
    reference.push_back(static_cast<float>(p));
    floored.push_back(1.0f - static_cast<float>(1 - p));
    shifted.push_back(static_cast<float>(1 / (1 + std::exp(-logit - 0.37))));
  }
  const Tensor truth = Tensor::Vector<float>(reference);
  const OutputComparison floor = Compare(Tensor::Vector<float>(floored), truth);
  ASSERT_TRUE(floor.logit);
  EXPECT_GT(floor.relative_difference.max.value, 0.1);
  EXPECT_TRUE(floor.logit->is_floor_effect);
  EXPECT_LT(floor.logit->max_logit_error_above_floor.value, 1e-3);
  EXPECT_NE(floor.logit->explanation.find("rounding floor"), std::string::npos);

  const OutputComparison error = Compare(Tensor::Vector<float>(shifted), truth);
  ASSERT_TRUE(error.logit);
  EXPECT_FALSE(error.logit->is_floor_effect);
  EXPECT_NEAR(error.logit->max_logit_error_above_floor.value, 0.37, 0.05);
}

TEST(LogitView, CountsSaturatedAndOutsideElements) {
  const OutputComparison c =
      Compare(Tensor::Vector<float>({0, 1, 0.5f, -0.1f, 1.5f, 1e-8f, std::nanf("")}),
              Tensor::Vector<float>({1e-3f, 0.5f, 0.5f, 0.1f, 0.9f, 2e-8f, 0.5f}));
  ASSERT_TRUE(c.logit);
  EXPECT_EQ(c.logit->saturated, 2);
  EXPECT_EQ(c.logit->output_outside, 3);
  EXPECT_EQ(c.logit->output_below_floor, 1);
  EXPECT_EQ(c.logit->reference_below_floor, 1);
  EXPECT_EQ(c.logit->max_logit_error.index, 5);
  EXPECT_NEAR(c.logit->max_logit_error.value, std::log(2.0), 1e-6);
}

TEST(LogitView, SaysWhatIsNoProbability) {
  const auto view = [](const std::vector<float>& output, const std::vector<float>& reference) {
    return *test::Compare(Tensor::Vector<float>(output), Tensor::Vector<float>(reference)).logit;
  };
  const LogitView garbage = view({0.5f, 50, 0.25f}, {0.5f, 0.25f, 0.25f});
  EXPECT_EQ(garbage.output_outside, 1);
  EXPECT_EQ(garbage.first_outside, 1);
  EXPECT_EQ(garbage.max_log_error.index, -1);
  EXPECT_EQ(garbage.explanation,
            "1 of 3 outputs are not in [0, 1], the first at (1,); of the rest, the logits "
            "agree wherever both sides have one");
  const LogitView none = view({-3, 7}, {0.5f, 0.25f});
  EXPECT_EQ(none.output_outside, 2);
  EXPECT_EQ(none.with_logits, 0);
  EXPECT_NE(none.explanation.find("no element has a finite logit on both sides"),
            std::string::npos);
  EXPECT_EQ(view({1, 0}, {1, 0}).explanation, "no element has a finite logit on both sides");
  EXPECT_EQ(view({std::nanf(""), 0.5f}, {0.5f, 0.5f}).first_outside, 0);
}

TEST(LogitView, IsMadeForProbabilitiesOnly) {
  EXPECT_FALSE(Compare(Tensor::Vector<float>({0.5f}), Tensor::Vector<float>({1.5f})).logit);
  EXPECT_FALSE(Compare(Tensor::Vector<float>({0.5f}), Tensor::Vector<float>({-0.5f})).logit);
  EXPECT_FALSE(Compare(Tensor::Vector<float>({0.5f}), Tensor::Vector<float>({0.0f})).logit);
  EXPECT_FALSE(Compare(Tensor::Vector<int32_t>({1}), Tensor::Vector<int32_t>({1})).logit);
  EXPECT_FALSE(
      Compare(Tensor::Vector<float>({0.5f}), Tensor::Vector<float>({std::nanf("")})).logit);
  EXPECT_TRUE(Compare(Tensor::Vector<float>({0.5f}), Tensor::Vector<float>({1.0f})).logit);
}

// All probabilities are small, so nothing in them shows the magnitude at which they were rounded.
TEST(LogitView, SeesTheFloorOfSmallProbabilitiesAgainstFloat64Truth) {
  std::vector<double> truth;
  std::vector<float> floored;
  for (int i = 0; i < 2000; ++i) {
    truth.push_back(1e-7 + 1e-5 * i);
    floored.push_back(1.0f - static_cast<float>(1 - truth.back()));
  }
  for (const bool truth_first : {true, false}) {
    const Tensor a = Tensor::Vector<double>(truth);
    const Tensor b = Tensor::Vector<float>(floored);
    const OutputComparison c = truth_first ? Compare(a, b) : Compare(b, a);
    ASSERT_TRUE(c.logit);
    EXPECT_TRUE(c.logit->is_floor_effect);
    EXPECT_EQ(c.logit->floor, 4 * 0x1p-24);
    EXPECT_EQ(c.ulp.dtype, DType::kFloat32);
  }
}

TEST(RoundingFloor, IsFourSpacingsJustBelowOne) {
  EXPECT_EQ(RoundingFloor(DType::kFloat32), 4 * 0x1p-24);
  EXPECT_EQ(RoundingFloor(DType::kFloat16), 4 * 0x1p-11);
}

}  // namespace
}  // namespace assay
