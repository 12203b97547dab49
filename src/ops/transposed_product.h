#pragma once

#include <cstdint>
#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// FusedMatMul and TransposeMatMul: alpha * A' x B', where A' and B' are the operands with axes in
// the order that OperandOrder gives.

// The axes of operand 0 or 1 (of that rank) in the order of the product. "transBatchA" moves axis 0
// behind the axes of the stack, to the rows; "transA" then swaps rows and columns. A vector stays
// as it is.
std::vector<int64_t> OperandOrder(const OpContext& context, int operand, int rank);

Status InferFusedMatMul(InferContext& context);
Status ComputeFusedMatMul(ReferenceContext& context);

}  // namespace assay
