#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// What LayerNormalization and RMSNormalization share: every row, made of the axes from the
// attribute `axis` on, is normalized, then scaled by what broadcasts into the tensor.
struct RowView {
  int axis = 0;
  int64_t rows = 1;
  int64_t length = 1;
};

// Checks the axis and that inputs 1 and, if it is there, 2 broadcast into input 0.
Status InferRows(const InferContext& context);

Result<RowView> RowsOf(const ReferenceContext& context);

// output 0 = (input 0 - shift[row]) * factor[row] * input 1 + input 2 (0 where left out). Errors:
// kInvalidInput for inputs that do not broadcast into input 0.
Status ScaleRows(ReferenceContext& context, const RowView& view, std::span<const double> shift,
                 std::span<const double> factor);

// 1 / sqrt(mean(x^2) + epsilon) of every row.
std::vector<double> InverseRootMeanSquares(std::span<const double> x, int64_t rows, int64_t length,
                                           double epsilon, ThreadPool& threads);

}  // namespace assay
