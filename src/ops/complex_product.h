#pragma once

#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"

namespace assay {

// ComplexMul and ComplexMulConj: the last axis has the real and the imaginary part of every number.
constexpr OpSchema ComplexProductSchema() { return BinarySchema(1, {}, kBasicFloats); }

Status InferComplexProduct(InferContext& context);

// output 0 = a * b for `sign` 1, a * conjugate(b) for -1, with broadcasting. Errors: kInvalidInput
// unless the last axes have extent 2.
Status ComputeComplexProduct(ReferenceContext& context, double sign);

}  // namespace assay
