#pragma once

#include <string>

#include "ir/graph.h"
#include "tensor/tensor.h"

namespace assay {

// What replaces a comparison of values for operators whose values the standard leaves to a random
// generator: whether the output can come from the distribution that the node names. Means,
// variances and counts must lie within kDeviations standard errors of theirs, a bound that follows
// from the number of elements.

inline constexpr double kDeviations = 5;

// False for nodes that draw nothing, and for operators (Dropout) that draw the very numbers of the
// onnx package.
bool HasDistribution(const Node& node);

// `input` is the node's first input, null if it has none; `output` its output. Empty if it fits,
// else what does not.
std::string CheckDistribution(const Node& node, const Tensor* input, const Tensor& output);

}  // namespace assay
