#pragma once

#include <optional>

#include "ir/graph.h"
#include "tensor/tensor.h"

namespace assay {

// The tensor that a node Constant stands for, from its one attribute ("value", "value_int",
// "value_floats", ...); nullopt if it is none of those, or not of the kind that its name says.
std::optional<Tensor> ConstantOf(const Attribute& attribute);

}  // namespace assay
