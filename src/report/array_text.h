#pragma once

#include <string>

#include "tensor/tensor.h"

namespace assay {

// The values of a tensor as numpy prints an array (str(), repr() with its default options): columns
// aligned, at most 8 digits after the point, scientific where the range is wide, lines of 75
// characters, "..." inside arrays of more than 1000 elements. Element types that numpy lacks print
// as their float32 values.
std::string ArrayText(const Tensor& tensor);
// "array([1., 2.], dtype=float32)"; the element type stands only where numpy shows it.
std::string ArrayRepr(const Tensor& tensor);

}  // namespace assay
