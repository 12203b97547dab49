#pragma once

#include <array>
#include <string_view>

#include "base/function_ref.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {

// What the operators of ai.onnx.preview.training share. Inputs are the learning rate R, the count
// of updates T, and then in groups of n tensors each: the tensors X to optimise, their gradients,
// and one or two groups of states that the optimiser keeps. Outputs are the new X and states in
// the same order. The tensors of one optimisation have one shape; types may differ.

inline constexpr std::string_view kTrainingDomain = "ai.onnx.preview.training";
inline constexpr DTypeSet kTrainingTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat64);

constexpr OpSchema OptimizerSchema(InlineList<AttributeDef, 24> attributes) {
  return {1,
          {},
          {{"R", kTrainingTypes}, {"T", kInt64Only}, {"inputs", kTrainingTypes, Arity::kVariadic}},
          {{"outputs", kTrainingTypes, Arity::kVariadic}},
          attributes};
}

Status InferOptimizer(InferContext& context, int states);

// The elements of X, its gradient and its states at one place, and what the first and the latter
// become.
struct OptimizerElement {
  double x = 0;
  double gradient = 0;
  std::array<double, 2> states = {};
};
using OptimizerUpdate = FunctionRef<void(OptimizerElement& element)>;

struct OptimizerProgress {
  double learning_rate = 0;
  int64_t updates = 0;
};
Result<OptimizerProgress> ReadProgress(const ReferenceContext& context);

// Applies `update` to every element of every tensor.
Status EvaluateOptimizer(ReferenceContext& context, int states, OptimizerUpdate update);

}  // namespace assay
