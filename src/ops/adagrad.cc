#include <cmath>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/optimizer.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    OptimizerSchema({FloatAttribute("decay_factor", 0), FloatAttribute("epsilon", 1e-6F),
                     FloatAttribute("norm_coefficient", 0)})};

Status Infer(InferContext& context) { return InferOptimizer(context, 1); }

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const OptimizerProgress progress, ReadProgress(context));
  const double decay = context.Float("decay_factor");
  const double epsilon = context.Float("epsilon");
  const double norm = context.Float("norm_coefficient");
  const double rate = progress.learning_rate / (1 + static_cast<double>(progress.updates) * decay);
  return EvaluateOptimizer(context, 1, [&](OptimizerElement& element) {
    const double gradient = norm * element.x + element.gradient;
    double& squares = element.states[0];
    squares += gradient * gradient;
    element.x -= rate * gradient / (std::sqrt(squares) + epsilon);
  });
}

void Cases(std::vector<OpCase>& cases) {
  // Gradients 3 and -4 with the term of the norm, on top of squares of 16 and 9.
  const Tensor rate = Tensor::Scalar<double>(0.5);
  const Tensor x = Tensor::Vector<double>({2, -6});
  cases.push_back(
      {.name = "all_attributes",
       .attributes = {{"decay_factor", 0.25F}, {"epsilon", 1.0F}, {"norm_coefficient", 0.5F}},
       .inputs = {rate, Tensor::Scalar<int64_t>(4), x, Tensor::Vector<double>({2, -1}),
                  Tensor::Vector<double>({16, 9})},
       .expected = {Tensor::Vector<double>({2 - 0.25 * 3 / 6, -6 + 0.25 * 4 / 6}),
                    Tensor::Vector<double>({25, 25})}});
  cases.push_back(
      {.name = "two_tensors",
       .attributes = {{"epsilon", 0.0F}},
       .inputs = {rate, Tensor::Vector<int64_t>({0}), x, Tensor::Scalar<float>(1),
                  Tensor::Vector<double>({0.5, 3}), Tensor::Scalar<float>(4),
                  Tensor::Vector<double>({0, 16}), Tensor::Scalar<float>(9)},
       .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat64, DType::kFloat32},
       .expected = {Tensor::Vector<double>({1.5, -6.3}), Tensor::Scalar<double>(0.6),
                    Tensor::Vector<double>({0.25, 25}), Tensor::Scalar<double>(25)}});
}

}  // namespace

extern const OpDef kAdagrad;
const OpDef kAdagrad = {.name = "Adagrad",
                        .domain = kTrainingDomain,
                        .schemas = kSchemas,
                        .infer = Infer,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
