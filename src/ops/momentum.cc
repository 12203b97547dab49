#include <fmt/format.h>

#include <string>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/optimizer.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    OptimizerSchema({RequiredAttribute("alpha", AttributeKind::kFloat),
                     RequiredAttribute("beta", AttributeKind::kFloat),
                     RequiredAttribute("mode", AttributeKind::kString),
                     RequiredAttribute("norm_coefficient", AttributeKind::kFloat)})};

Status Infer(InferContext& context) {
  const std::string mode = context.String("mode");
  if (mode != "standard" && mode != "nesterov") {
    return OpContext::Invalid(
        fmt::format("attribute \"mode\": expected standard or nesterov, got \"{}\"", mode));
  }
  return InferOptimizer(context, 1);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const OptimizerProgress progress, ReadProgress(context));
  const double alpha = context.Float("alpha");
  const double beta = progress.updates > 0 ? context.Float("beta") : 1.0;
  const double norm = context.Float("norm_coefficient");
  const bool nesterov = context.String("mode") == "nesterov";
  return EvaluateOptimizer(context, 1, [&](OptimizerElement& element) {
    const double gradient = norm * element.x + element.gradient;
    double& momentum = element.states[0];
    momentum = alpha * momentum + beta * gradient;
    const double direction = nesterov ? gradient + alpha * momentum : momentum;
    element.x -= progress.learning_rate * direction;
  });
}

void Cases(std::vector<OpCase>& cases) {
  const auto attributes = [](const char* mode) {
    return std::vector<Attribute>{
        {"alpha", 0.5F}, {"beta", 0.25F}, {"norm_coefficient", 2.0F}, {"mode", mode}};
  };
  const Tensor rate = Tensor::Scalar<double>(0.5);
  const Tensor x = Tensor::Vector<double>({1, -2});
  const Tensor gradient = Tensor::Vector<double>({2, 0});
  const Tensor momentum = Tensor::Vector<double>({6, 2});
  // Gradients 4 and -4 with the term of the norm.
  cases.push_back({.name = "standard",
                   .attributes = attributes("standard"),
                   .inputs = {rate, Tensor::Scalar<int64_t>(3), x, gradient, momentum},
                   .expected = {Tensor::Vector<double>({-1, -2}), Tensor::Vector<double>({4, 0})}});
  cases.push_back({.name = "nesterov",
                   .attributes = attributes("nesterov"),
                   .inputs = {rate, Tensor::Scalar<int64_t>(3), x, gradient, momentum},
                   .expected = {Tensor::Vector<double>({-2, 0}), Tensor::Vector<double>({4, 0})}});
  cases.push_back(
      {.name = "first_update_of_two_tensors",
       .attributes = attributes("standard"),
       .inputs = {rate, Tensor::Vector<int64_t>({0}), x, Tensor::Scalar<float>(1), gradient,
                  Tensor::Scalar<float>(4), momentum, Tensor::Scalar<float>(2)},
       .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat64, DType::kFloat32},
       .expected = {Tensor::Vector<double>({-2.5, -0.5}), Tensor::Scalar<double>(-2.5),
                    Tensor::Vector<double>({7, -3}), Tensor::Scalar<double>(7)}});
}

}  // namespace

extern const OpDef kMomentum;
const OpDef kMomentum = {.name = "Momentum",
                         .domain = kTrainingDomain,
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
