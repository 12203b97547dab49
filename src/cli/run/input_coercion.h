#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "runners/runner.h"
#include "tensor/tensor.h"

namespace assay {

// True if a tensor of shape `given` can be fed where `wanted` is declared: the same rank, and every
// extent that is known agrees.
bool ShapeFits(const Shape& given, const std::optional<SymbolicShape>& wanted);

// The inputs that a runner wants, made of those that were given: by exact name, else by the first
// name of which one contains the other, else by place; cast to the declared element type;
// transposed or reshaped to the declared shape. Every such change is a warning. Inputs that nobody
// wants are left out. Errors: kInvalidInput.
Result<TensorMap> CoerceInputs(const TensorMap& given, const std::vector<TensorInfo>& wanted,
                               LogSink& log);

// The first of `names` of which one contains `name` or is contained in it, regardless of case.
const std::string* FindNear(std::string_view name, const std::vector<std::string>& names);

}  // namespace assay
