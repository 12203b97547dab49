#include "ops/ml_post_transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace assay {
namespace {

// Runtimes take scores up to here for zero, and so does the truth: a score that is zero in float32
// need not be in float64.
constexpr double kZeroScore = 1e-7;

double Logistic(double x) {
  const double e = std::exp(-std::fabs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

void Softmax(std::span<double> scores) {
  if (scores.empty()) return;
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) {
    score = std::exp(score - largest);
    sum += score;
  }
  for (double& score : scores) score /= sum;
}

void SoftmaxZero(std::span<double> scores) {
  const auto is_zero = [](double score) { return std::fabs(score) <= kZeroScore; };
  double largest = -std::numeric_limits<double>::infinity();
  for (double score : scores) {
    if (!is_zero(score)) largest = std::max(largest, score);
  }
  double sum = 0;
  for (double& score : scores) {
    score = is_zero(score) ? 0 : std::exp(score - largest);
    sum += score;
  }
  if (sum == 0) return;
  for (double& score : scores) score /= sum;
}

// For p in (0, 1/2].
double LowerNormalQuantile(double p) {
  constexpr double kShape = 0.147;
  const double log = std::log(4 * p * (1 - p));
  const double middle = 2 / (std::numbers::pi * kShape) + log / 2;
  double x = -std::numbers::sqrt2 * std::sqrt(std::sqrt(middle * middle - log / kShape) - middle);
  for (int i = 0; i < 4; ++i) {
    const double share = std::erfc(-x / std::numbers::sqrt2) / 2;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    if (density == 0) break;
    const double newton = (share - p) / density;
    x -= newton / (1 + x * newton / 2);
  }
  return x;
}

}  // namespace

double NormalQuantile(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0) return -std::numeric_limits<double>::infinity();
  if (p == 1) return std::numeric_limits<double>::infinity();
  if (p == 0.5) return 0;
  return p < 0.5 ? LowerNormalQuantile(p) : -LowerNormalQuantile(1 - p);
}

Result<PostTransform> PostTransformOf(const OpContext& context) {
  const std::string name = context.String("post_transform");
  if (name == "NONE") return PostTransform::kNone;
  if (name == "SOFTMAX") return PostTransform::kSoftmax;
  if (name == "LOGISTIC") return PostTransform::kLogistic;
  if (name == "SOFTMAX_ZERO") return PostTransform::kSoftmaxZero;
  if (name == "PROBIT") return PostTransform::kProbit;
  return OpContext::Invalid(
      fmt::format("attribute \"post_transform\": expected NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or "
                  "PROBIT, got \"{}\"",
                  name));
}

Result<PostTransform> PostTransformByNumber(const OpContext& context) {
  const int64_t number = context.Int("post_transform");
  if (number >= 0 && number <= 4) return static_cast<PostTransform>(number);
  return OpContext::Invalid(
      fmt::format("attribute \"post_transform\": expected 0 to 4, got {}", number));
}

void Apply(PostTransform transform, std::span<double> scores) {
  switch (transform) {
    case PostTransform::kNone:
      return;
    case PostTransform::kSoftmax:
      return Softmax(scores);
    case PostTransform::kLogistic:
      for (double& score : scores) score = Logistic(score);
      return;
    case PostTransform::kSoftmaxZero:
      return SoftmaxZero(scores);
    case PostTransform::kProbit:
      for (double& score : scores) score = NormalQuantile(score);
      return;
  }
}

}  // namespace assay
