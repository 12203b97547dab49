#include <cmath>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/optimizer.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    OptimizerSchema({FloatAttribute("alpha", 0.9F), FloatAttribute("beta", 0.999F),
                     FloatAttribute("epsilon", 1e-6F), FloatAttribute("norm_coefficient", 0),
                     FloatAttribute("norm_coefficient_post", 0)})};

Status Infer(InferContext& context) { return InferOptimizer(context, 2); }

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const OptimizerProgress progress, ReadProgress(context));
  const double alpha = context.Float("alpha");
  const double beta = context.Float("beta");
  const double epsilon = context.Float("epsilon");
  const double norm = context.Float("norm_coefficient");
  const double kept = 1 - static_cast<double>(context.Float("norm_coefficient_post"));
  const auto updates = static_cast<double>(progress.updates);
  double rate = progress.learning_rate;
  if (updates > 0) rate *= std::sqrt(1 - std::pow(beta, updates)) / (1 - std::pow(alpha, updates));
  return EvaluateOptimizer(context, 2, [&](OptimizerElement& element) {
    const double gradient = norm * element.x + element.gradient;
    double& average = element.states[0];
    double& squares = element.states[1];
    average = alpha * average + (1 - alpha) * gradient;
    squares = beta * squares + (1 - beta) * gradient * gradient;
    element.x = kept * (element.x - rate * average / (std::sqrt(squares) + epsilon));
  });
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor rate = Tensor::Scalar<double>(0.5);
  const Tensor x = Tensor::Vector<double>({2, -6});
  // Gradient 4 with the term of the norm: average 3, squares 0.75 * 12 + 0.25 * 16 = 13, rate
  // 0.5 sqrt(1 - 0.75^2) / (1 - 0.5^2).
  const double adjusted = 0.5 * std::sqrt(0.4375) / 0.75;
  cases.push_back(
      {.name = "all_attributes",
       .attributes = {{"alpha", 0.5F},
                      {"beta", 0.75F},
                      {"epsilon", 1.0F},
                      {"norm_coefficient", 0.5F},
                      {"norm_coefficient_post", 0.25F}},
       .inputs = {rate, Tensor::Scalar<int64_t>(2), Tensor::Vector<double>({2}),
                  Tensor::Vector<double>({3}), Tensor::Vector<double>({2}),
                  Tensor::Vector<double>({12})},
       .expected = {Tensor::Vector<double>({0.75 * (2 - adjusted * 3 / (std::sqrt(13.0) + 1))}),
                    Tensor::Vector<double>({3}), Tensor::Vector<double>({13})}});
  // Before the first update nothing is corrected for the start of the averages.
  cases.push_back({.name = "first_update_of_two_tensors",
                   .attributes = {{"alpha", 0.5F}, {"beta", 0.75F}, {"epsilon", 0.0F}},
                   .inputs = {rate, Tensor::Vector<int64_t>({0}), x, Tensor::Scalar<float>(1),
                              Tensor::Vector<double>({2, -6}), Tensor::Scalar<float>(8),
                              Tensor::Vector<double>({0, 0}), Tensor::Scalar<float>(0),
                              Tensor::Vector<double>({0, 0}), Tensor::Scalar<float>(0)},
                   .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat64,
                                    DType::kFloat32, DType::kFloat64, DType::kFloat32},
                   .expected = {Tensor::Vector<double>({1.5, -5.5}), Tensor::Scalar<double>(0.5),
                                Tensor::Vector<double>({1, -3}), Tensor::Scalar<double>(4),
                                Tensor::Vector<double>({1, 9}), Tensor::Scalar<double>(16)}});
}

}  // namespace

extern const OpDef kAdam;
const OpDef kAdam = {.name = "Adam",
                     .domain = kTrainingDomain,
                     .schemas = kSchemas,
                     .infer = Infer,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
