#include "ops/recurrent_activation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

#include "ops/op_context.h"

namespace assay {
namespace {

struct Definition {
  std::string_view name;
  double (*function)(double x, double alpha, double beta);
  std::optional<double> alpha;  // default; nullopt: the function has none
  std::optional<double> beta;
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const Definition kDefinitions[] = {
    {"relu", [](double x, double, double) { return x < 0 ? 0 : x; }, {}, {}},
    {"tanh", [](double x, double, double) { return std::tanh(x); }, {}, {}},
    {"sigmoid", [](double x, double, double) { return Sigmoid(x); }, {}, {}},
    {"affine", [](double x, double alpha, double beta) { return alpha * x + beta; }, 1.0, 0.0},
    {"leakyrelu", [](double x, double alpha, double) { return x < 0 ? alpha * x : x; }, 0.01F, {}},
    {"thresholdedrelu", [](double x, double alpha, double) { return x < alpha ? 0 : x; }, 1.0, {}},
    {"scaledtanh", [](double x, double alpha, double beta) { return alpha * std::tanh(beta * x); },
     1.0, 1.0},
    {"hardsigmoid",
     [](double x, double alpha, double beta) { return std::clamp(alpha * x + beta, 0.0, 1.0); },
     0.2F, 0.5},
    {"elu",
     [](double x, double alpha, double) { return x < 0 ? alpha * std::expm1(x) : x; },
     1.0,
     {}},
    {"softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }, {}, {}},
    {"softplus",
     [](double x, double, double) {
       return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
     },
     {},
     {}},
};

const Definition* FindDefinition(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Definition& definition : kDefinitions) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

// The next value of a list for a function that has such a parameter.
double Take(std::optional<double> fallback, std::span<const float>& values) {
  if (!fallback) return 0;
  if (values.empty()) return *fallback;
  const double value = values.front();
  values = values.subspan(1);
  return value;
}

}  // namespace

Result<std::vector<Activation>> BindActivations(std::span<const std::string> names,
                                                std::span<const float> alphas,
                                                std::span<const float> betas,
                                                std::optional<double> clip) {
  std::vector<Activation> activations;
  for (const std::string& name : names) {
    const Definition* definition = FindDefinition(name);
    if (definition == nullptr) {
      return OpContext::Invalid(
          fmt::format("attribute \"activations\": unknown function \"{}\"", name));
    }
    const double alpha = Take(definition->alpha, alphas);
    const double beta = Take(definition->beta, betas);
    activations.emplace_back([definition, alpha, beta, clip](double x) {
      // A NaN passes.
      if (clip && x > *clip) x = *clip;
      if (clip && x < -*clip) x = -*clip;
      return definition->function(x, alpha, beta);
    });
  }
  return activations;
}

}  // namespace assay
