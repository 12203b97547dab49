#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ops/reference_context.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace assay {

// The parameter (scale or zero point) in input `index` of a quantized operator, one value per
// element of a tensor of shape `shape`: a single value holds for all, a vector goes along `axis`,
// a parameter of the same rank broadcasts. Integers widen exactly. Errors: kInvalidInput for shapes
// that do not fit.
Result<std::vector<double>> ExpandParameter(const ReferenceContext& context, int index,
                                            const Shape& shape, int axis);

// Input `index` minus its zero point in input `zero_point` (which may be left out), in float64.
// Exact for 8-bit integers, and so is every sum of less than 2^35 products of two such values.
Result<std::vector<double>> CenteredOperand(const ReferenceContext& context, int index,
                                            int zero_point, int axis);

// The exact sums as int32, wrapping around.
void StoreWrapped(std::span<const double> sums, std::span<int32_t> out);

// out = saturate(round(value) + zero point), ties to even, for 8-bit integers; just the sum for
// floating types. `zero_point` is one value per element.
Status StoreQuantized(std::span<const double> values, std::span<const double> zero_point,
                      Tensor& out);

}  // namespace assay
