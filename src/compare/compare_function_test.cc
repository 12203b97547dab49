#include "compare/compare_function.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "compare/metric_table.h"
#include "compare/test_data.h"

namespace assay {
namespace {

using test::Compare;
using Names = std::vector<std::string>;

Tensor Floats(const std::vector<float>& values) { return Tensor::Vector<float>(values); }

double Value(CompareFunction function, const Tensor& output, const Tensor& reference) {
  return CompareFunctionOf(function).read(Compare(output, reference));
}

TEST(CompareFunctions, StandInTheTableAtTheirOwnPlace) {
  for (const CompareFunctionDef& def : AllCompareFunctions()) {
    EXPECT_EQ(&CompareFunctionOf(def.function), &def);
    EXPECT_EQ(def.has_threshold, def.read != nullptr);
  }
}

// Expected: Polygraphy 0.53.6 on the same arrays.
TEST(CompareFunctions, AgreeWithPolygraphy) {
  const Tensor a = Floats({1, 2, 3});
  const Tensor b = Floats({1, 2, 4});
  const Tensor zero = Floats({0, 0, 0});
  const Tensor nan = Floats({std::nanf(""), 1, 1});
  const Tensor negative = Floats({-1, -2, -3});
  EXPECT_EQ(Value(CompareFunction::kL2, a, b), 1);
  EXPECT_EQ(Value(CompareFunction::kL2, zero, zero), 0);
  EXPECT_DOUBLE_EQ(Value(CompareFunction::kL2, zero, b), 4.58257569495584);
  EXPECT_TRUE(std::isnan(Value(CompareFunction::kL2, a, nan)));
  EXPECT_NEAR(Value(CompareFunction::kCosineSimilarity, a, b), 0.9914601339836675, 1e-15);
  EXPECT_EQ(Value(CompareFunction::kCosineSimilarity, zero, zero), 1);
  EXPECT_EQ(Value(CompareFunction::kCosineSimilarity, zero, b), 0);
  EXPECT_TRUE(std::isnan(Value(CompareFunction::kCosineSimilarity, a, nan)));
  EXPECT_NEAR(Value(CompareFunction::kPsnr, a, b), 14.313637641589873, 1e-12);
  EXPECT_EQ(Value(CompareFunction::kPsnr, zero, zero), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(Value(CompareFunction::kPsnr, zero, b), -8.450980400142567, 1e-12);
  EXPECT_NEAR(Value(CompareFunction::kPsnr, negative, Floats({-1, -2, -4})), 4.771212547196624,
              1e-12);
  EXPECT_NEAR(Value(CompareFunction::kSnr, a, b), 11.461280356782382, 1e-12);
  EXPECT_EQ(Value(CompareFunction::kSnr, zero, b), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(Value(CompareFunction::kSnr, a, nan)));
}

TEST(JudgeThreshold, NeverPassesNanOrNothing) {
  const CompareFunctionDef& cosine = CompareFunctionOf(CompareFunction::kCosineSimilarity);
  EXPECT_EQ(JudgeThreshold(cosine, Compare(Floats({1, 2}), Floats({1, 2})), 0.997).verdict,
            Verdict::kPass);
  const ThresholdResult failed =
      JudgeThreshold(cosine, Compare(Floats({1, 0}), Floats({0, 1})), 0.997);
  EXPECT_EQ(failed.verdict, Verdict::kFail);
  EXPECT_EQ(failed.value, 0);
  ASSERT_EQ(failed.reasons.size(), 1u);
  EXPECT_EQ(failed.reasons[0], "Cosine Similarity is 0, at least 0.997 is allowed");
  EXPECT_EQ(JudgeThreshold(cosine, Compare(Floats({1}), Floats({std::nanf("")})), -1).verdict,
            Verdict::kFail);
  EXPECT_EQ(JudgeThreshold(cosine, Compare(Floats({0}), Floats({0})), 0.5).verdict,
            Verdict::kVacuous);
  EXPECT_EQ(JudgeThreshold(cosine, Compare(Floats({1}), Floats({1, 1})), 0.5).verdict,
            Verdict::kFail);
}

TEST(ParseCompareFunctions, ExpandsAliasesAndDropsDuplicates) {
  const auto functions =
      ParseCompareFunctions(Names{"simple", "l2", "distance_metrics", "quality_metrics"});
  ASSERT_TRUE(functions.ok());
  EXPECT_EQ(*functions,
            (std::vector<CompareFunction>{CompareFunction::kSimple, CompareFunction::kL2,
                                          CompareFunction::kCosineSimilarity,
                                          CompareFunction::kPsnr, CompareFunction::kSnr}));
}

TEST(ParseCompareFunctions, RefusesUnknownNamesWithNearOnes) {
  const auto unknown = ParseCompareFunctions(Names{"cosine_similarty"});
  EXPECT_EQ(unknown.status().code(), StatusCode::kUsage);
  EXPECT_NE(unknown.status().hint().find("cosine_similarity"), std::string::npos);
}

TEST(ParseCompareFunctions, SaysThatLpipsIsUnsupported) {
  EXPECT_EQ(ParseCompareFunctions(Names{"perceptual_metrics"}).status().code(),
            StatusCode::kUnsupported);
  EXPECT_EQ(ParseCompareFunctions(Names{"lpips"}).status().code(), StatusCode::kUnsupported);
}

TEST(MetricTable, NamesEveryMetricOnceAndReadsEachOne) {
  std::set<std::string_view> names;
  const OutputComparison c = Compare(Floats({0.5f, 0.25f}), Floats({0.5f, 0.5f}));
  for (const MetricDef& metric : AllMetrics()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_EQ(FindMetric(metric.name), &metric);
    EXPECT_FALSE(metric.description.empty());
    ASSERT_NE(metric.read, nullptr);
    EXPECT_TRUE(metric.read(c).has_value()) << metric.name;
  }
  EXPECT_EQ(FindMetric("max_abs")->read(c), 0.25);
  EXPECT_EQ(FindMetric("max_rel")->read(c), 0.5);
  EXPECT_EQ(FindMetric("max_ulp")->read(c), 0x800000);
  EXPECT_EQ(FindMetric("mismatches_strict")->read(c), 1);
  EXPECT_EQ(FindMetric("nothing"), nullptr);
}

TEST(MetricTable, SaysWhatIntegersLack) {
  const OutputComparison c = Compare(Tensor::Vector<int32_t>({1}), Tensor::Vector<int32_t>({1}));
  EXPECT_EQ(FindMetric("max_ulp")->read(c), std::nullopt);
  EXPECT_EQ(FindMetric("max_logit")->read(c), std::nullopt);
}

}  // namespace
}  // namespace assay
