#pragma once

#include "tensor/dtype.h"

namespace assay {

// Bits of the significand behind the leading one; 0 for what is no floating type.
int FractionBits(DType dtype);

// Smallest positive normal number of a floating type; 0 where the type has no subnormal numbers.
double SmallestNormal(DType dtype);

}  // namespace assay
