#pragma once

#include <optional>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "runners/runner.h"
#include "tensor/tensor.h"

namespace assay {

// True if a tensor of shape `given` can be fed where `wanted` is declared: the same rank, and every
// extent that is known agrees.
bool ShapeFits(const Shape& given, const std::optional<SymbolicShape>& wanted);

// The inputs that a runner wants, made of those that were given, by name. A single tensor stands in
// for a single input of another name if its type and shape fit. Values are cast to the declared
// element type. Both are warnings. Inputs that nobody wants are left out.
// Errors: kInvalidInput for a missing input and for a shape that contradicts the declared one.
Result<TensorMap> CoerceInputs(const TensorMap& given, const std::vector<TensorInfo>& wanted,
                               OnceLog& log);

}  // namespace assay
