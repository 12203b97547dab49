#pragma once

#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// SkipLayerNormalization and SkipSimplifiedLayerNormalization: rows of input 0 + input 1 (which
// broadcasts along the leading axes) + a bias, normalized and scaled by input 2. Outputs: the
// result, mean and inverse deviation of every row in float32, and the sum.
Status InferSkipNormalization(InferContext& context, int bias);

// input 0 + input 1 + bias, after a check of shapes.
Result<Tensor> SkipSum(const ReferenceContext& context, int bias);

// Sets outputs 1 to 3 where they are wanted.
void StoreSkipOutputs(ReferenceContext& context, const Tensor& sum, const std::vector<double>& mean,
                      const std::vector<double>& inverse);

}  // namespace assay
