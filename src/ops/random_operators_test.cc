// The distributions of the operators that draw random numbers, with fixed seeds: moments, the
// distance of Kolmogorov and Smirnov from the analytic distribution, and independence.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "ops/evaluate_node.h"
#include "ops/infer_graph.h"
#include "ops/op_cases.h"

namespace assay {
namespace {

using Values = std::vector<double>;
using Ints = std::vector<int64_t>;

Tensor Draw(std::string_view op, std::vector<Attribute> attributes, std::vector<Tensor> inputs = {},
            const std::string& name = {}, int thread_count = 2) {
  OpCase op_case;
  op_case.attributes = std::move(attributes);
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) {
    op_case.inputs.emplace_back(input);
    pointers.push_back(&input);
  }
  Graph graph = SingleNodeGraph(*FindOp("", op), op_case);
  graph.nodes[0].name = name;
  EXPECT_TRUE(InferGraph(graph).ok());
  ThreadPool threads(thread_count);
  Result<std::vector<Tensor>> outputs = EvaluateNode(graph, graph.nodes[0], pointers, threads);
  EXPECT_TRUE(outputs.ok()) << outputs.status().ToString();
  return outputs.ok() ? outputs->front() : Tensor();
}

Values ValuesOf(const Tensor& tensor) {
  Values values;
  for (int64_t i = 0; i < tensor.elements(); ++i) values.push_back(tensor.ValueAsDouble(i));
  return values;
}

constexpr int64_t kCount = 100000;
const double kRoot = std::sqrt(static_cast<double>(kCount));

// Mean of the n-th powers of the distances from `center`.
double Moment(const Values& values, double center, int n) {
  double sum = 0;
  for (const double x : values) sum += std::pow(x - center, n);
  return sum / static_cast<double>(values.size());
}

// Largest distance of the empirical distribution from the analytic one.
double KolmogorovDistance(Values values, const std::function<double(double)>& distribution) {
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double at = distribution(values[i]);
    distance = std::max(
        {distance, at - static_cast<double>(i) / count, static_cast<double>(i + 1) / count - at});
  }
  return distance;
}
// The distance that one sample in a thousand exceeds.
const double kKolmogorovBound = 1.95 / kRoot;

// Correlation of each value with the one `lag` places on, both of known mean and variance.
double Correlation(const Values& values, size_t lag, double mean, double variance) {
  double sum = 0;
  for (size_t i = 0; i + lag < values.size(); ++i) {
    sum += (values[i] - mean) * (values[i + lag] - mean);
  }
  return sum / static_cast<double>(values.size() - lag) / variance;
}

TEST(RandomUniform, HasTheMomentsAndTheDistribution) {
  for (const float seed : {0.0F, 1.0F, -7.5F}) {
    const Values values =
        ValuesOf(Draw("RandomUniform",
                      {{"shape", Ints{kCount}}, {"low", -1.0F}, {"high", 3.0F}, {"seed", seed}}));
    EXPECT_GE(*std::min_element(values.begin(), values.end()), -1);
    EXPECT_LT(*std::max_element(values.begin(), values.end()), 3);
    EXPECT_NEAR(Moment(values, 0, 1), 1, 4 * std::sqrt(16 / 12.0) / kRoot);
    EXPECT_NEAR(Moment(values, 1, 2), 16 / 12.0, 4 * std::sqrt(256 / 180.0) / kRoot);
    EXPECT_LT(KolmogorovDistance(values, [](double x) { return (x + 1) / 4; }), kKolmogorovBound);
    for (const size_t lag : {1, 2, 3, 4, 64, 1 << 15}) {
      EXPECT_NEAR(Correlation(values, lag, 1, 16 / 12.0), 0, 5 / kRoot) << lag;
    }
  }
}

TEST(RandomNormal, HasTheMomentsAndTheDistribution) {
  for (const float seed : {0.0F, 1.0F, -7.5F}) {
    const Values values =
        ValuesOf(Draw("RandomNormal",
                      {{"shape", Ints{kCount}}, {"mean", 5.0F}, {"scale", 2.0F}, {"seed", seed}}));
    EXPECT_NEAR(Moment(values, 5, 1), 0, 4 * 2 / kRoot);
    EXPECT_NEAR(Moment(values, 5, 2), 4, 4 * std::sqrt(2 * 16.0) / kRoot);
    EXPECT_NEAR(Moment(values, 5, 3), 0, 4 * std::sqrt(15 * 64.0) / kRoot);
    EXPECT_NEAR(Moment(values, 5, 4), 48, 4 * std::sqrt(96 * 256.0) / kRoot);
    EXPECT_LT(KolmogorovDistance(values,
                                 [](double x) { return std::erfc((5 - x) / std::sqrt(8.0)) / 2; }),
              kKolmogorovBound);
    for (const size_t lag : {1, 2, 3, 4, 64, 1 << 15}) {
      EXPECT_NEAR(Correlation(values, lag, 5, 4), 0, 5 / kRoot) << lag;
    }
  }
}

TEST(Bernoulli, DrawsOnesWithTheProbabilityOfTheElement) {
  Values probabilities(kCount);
  for (size_t i = 0; i < probabilities.size(); ++i) {
    probabilities[i] = static_cast<double>(i % 5) / 4;
  }
  const Values values = ValuesOf(
      Draw("Bernoulli", {{"dtype", int64_t{9}}, {"seed", 2.0F}}, {Tensor::Vector(probabilities)}));
  Values ones(5);
  for (size_t i = 0; i < values.size(); ++i) ones[i % 5] += values[i];
  const double each = kCount / 5.0;
  for (size_t k = 0; k < 5; ++k) {
    const double p = static_cast<double>(k) / 4;
    EXPECT_NEAR(ones[k], p * each, 4 * std::sqrt(p * (1 - p) * each)) << p;
  }
}

TEST(Multinomial, DrawsClassesWithTheirProbabilities) {
  // Unnormalised, and far from 1 in either direction.
  const Values weights = {1, 4, 0, 2, 3};
  Values logarithms;
  for (const double offset : {900.0, -900.0}) {
    for (const double w : weights) logarithms.push_back(std::log(w) + offset);
  }
  const Values values = ValuesOf(Draw("Multinomial", {{"sample_size", kCount}, {"seed", 2.0F}},
                                      {Tensor::Of<double>({2, 5}, logarithms)}));
  for (size_t row = 0; row < 2; ++row) {
    Values counts(5);
    for (size_t i = 0; i < kCount; ++i) ++counts[static_cast<size_t>(values[row * kCount + i])];
    EXPECT_EQ(counts[2], 0);
    double chi_squared = 0;
    for (const size_t k : {0, 1, 3, 4}) {
      const double expected = weights[k] / 10 * kCount;
      chi_squared += (counts[k] - expected) * (counts[k] - expected) / expected;
    }
    // Three degrees of freedom: one sample in a thousand exceeds it.
    EXPECT_LT(chi_squared, 16.27);
  }
}

TEST(RandomOperators, DifferentSeedsAreIndependent) {
  const auto draw = [](float seed) {
    return ValuesOf(Draw("RandomUniform", {{"shape", Ints{kCount}}, {"seed", seed}}));
  };
  const Values a = draw(1);
  const Values b = draw(2);
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - 0.5) * (b[i] - 0.5);
  EXPECT_NEAR(sum / kCount * 12, 0, 5 / kRoot);
}

TEST(RandomOperators, RepeatTheirNumbers) {
  const std::vector<Attribute> seeded = {{"shape", Ints{kCount}}, {"seed", 3.0F}};
  const Values once = ValuesOf(Draw("RandomNormal", seeded, {}, "a", 1));
  EXPECT_EQ(once, ValuesOf(Draw("RandomNormal", seeded, {}, "b", 3)));
  const std::vector<Attribute> unseeded = {{"shape", Ints{8}}};
  const Values named = ValuesOf(Draw("RandomNormal", unseeded, {}, "a"));
  EXPECT_EQ(named, ValuesOf(Draw("RandomNormal", unseeded, {}, "a")));
  EXPECT_NE(named, ValuesOf(Draw("RandomNormal", unseeded, {}, "b")));
}

TEST(RandomOperators, LikeAndUnlikeDrawTheSameNumbersFromASeed) {
  EXPECT_EQ(ValuesOf(Draw("RandomUniform", {{"shape", Ints{2, 3}}, {"seed", 3.0F}})),
            ValuesOf(Draw("RandomUniformLike", {{"seed", 3.0F}},
                          {Tensor::Zeros(DType::kFloat32, {2, 3})})));
}

}  // namespace
}  // namespace assay
