#pragma once

#include <cstdint>
#include <string_view>

#include "ir/dim.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// Inputs that are one number: a scalar, or any shape with one element, as many exporters write it.
// Errors name the input as the schema does.

// Checks the shape of input i as far as it is known; inputs that are left out pass.
Status CheckScalarInput(const InferContext& context, int i);

// An integer input as far as inference knows it. For inputs that are there.
Result<Dim> InferIntegerScalar(const InferContext& context, int i);

Result<int64_t> IntegerScalar(const ReferenceContext& context, int i);
Result<double> DoubleScalar(const ReferenceContext& context, int i);

// Error unless value >= least.
Status RequireAtLeast(std::string_view what, int64_t value, int64_t least);

}  // namespace assay
