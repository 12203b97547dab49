#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "ops/reference_context.h"

namespace assay {

// Newest opset whose operators others are made of.
inline constexpr int kAppliedOpset = 24;

// Computes an operator of ONNX inside the reference kernel of another one. Inputs are tensors as
// kernels get them (floating ones kFloat64), nullptr where left out; `output_types` are the
// declared types of the outputs that are wanted. Errors: those of the operator.
Result<std::vector<Tensor>> ApplyOperator(const ReferenceContext& context, std::string_view op,
                                          const std::vector<const Tensor*>& inputs,
                                          std::vector<Attribute> attributes, int opset,
                                          std::vector<DType> output_types);
// Output 0 alone, of a floating type.
Result<Tensor> ApplyOperator(const ReferenceContext& context, std::string_view op,
                             const std::vector<const Tensor*>& inputs,
                             std::vector<Attribute> attributes = {}, int opset = kAppliedOpset);

}  // namespace assay
