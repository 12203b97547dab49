#include "ops/ml_pairwise.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kLeastProbability = 1e-7;

// The quadratic form p' Q p that the coupled probabilities p minimise.
std::vector<double> QuadraticForm(const std::vector<double>& pairwise, size_t classes) {
  std::vector<double> form(classes * classes);
  for (size_t t = 0; t < classes; ++t) {
    for (size_t j = 0; j < classes; ++j) {
      if (j == t) continue;
      const double against = pairwise[j * classes + t];
      form[t * classes + t] += against * against;
      form[t * classes + j] = -against * pairwise[t * classes + j];
    }
  }
  return form;
}

std::vector<double> Couple(const std::vector<double>& form, size_t classes) {
  const double tolerance = 0.005 / static_cast<double>(classes);
  std::vector<double> p(classes, 1 / static_cast<double>(classes));
  std::vector<double> product(classes);
  for (size_t step = 0; step < std::max<size_t>(100, classes); ++step) {
    double value = 0;
    for (size_t t = 0; t < classes; ++t) {
      product[t] = 0;
      for (size_t j = 0; j < classes; ++j) product[t] += form[t * classes + j] * p[j];
      value += p[t] * product[t];
    }
    double error = 0;
    for (double x : product) error = std::max(error, std::fabs(x - value));
    if (error < tolerance) break;
    for (size_t t = 0; t < classes; ++t) {
      const double diagonal = form[t * classes + t];
      const double change = (value - product[t]) / diagonal;
      p[t] += change;
      value = (value + change * (change * diagonal + 2 * product[t])) / (1 + change) / (1 + change);
      for (size_t j = 0; j < classes; ++j) {
        product[j] = (product[j] + change * form[t * classes + j]) / (1 + change);
        p[j] /= 1 + change;
      }
    }
  }
  return p;
}

}  // namespace

std::vector<double> ClassProbabilities(std::span<const double> decisions,
                                       std::span<const double> prob_a,
                                       std::span<const double> prob_b, int64_t classes) {
  const auto count = static_cast<size_t>(classes);
  std::vector<double> pairwise(count * count);
  size_t pair = 0;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j, ++pair) {
      const double sigmoid = 1 / (1 + std::exp(decisions[pair] * prob_a[pair] + prob_b[pair]));
      const double first = std::clamp(sigmoid, kLeastProbability, 1 - kLeastProbability);
      pairwise[i * count + j] = first;
      pairwise[j * count + i] = 1 - first;
    }
  }
  return Couple(QuadraticForm(pairwise, count), count);
}

}  // namespace assay
