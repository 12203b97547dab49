#pragma once

#include <string_view>

#include "tactics/cpu/kernels/element_kernels.h"
#include "tensor/dtype.h"

namespace assay {

// Exact loops of two operands for the element types that are no matter of speed: integers, bools,
// double, and comparisons of every type. Integers wrap around; quotients are truncated, and of a
// divisor of 0 they are 0. nullptr if the operator does not take the type.
BinaryLoop TypedBinaryLoop(std::string_view op, DType dtype);

}  // namespace assay
