#pragma once

#include <cstdint>

#include "base/status.h"
#include "base/thread_pool.h"
#include "tensor/tensor.h"

namespace assay {

// How often two tensors of the same shape disagree about the largest element along an axis: the
// label of a pixel, the class of a picture.
struct ArgmaxAgreement {
  int64_t rows = 0;
  int64_t flips = 0;        // rows whose argmax differs
  int64_t first_flip = -1;  // row number: row-major over the other axes
  // Largest gap, over the flipped rows, between the reference's best value and its value at the
  // output's choice: small gaps are ties that rounding may decide.
  double max_gap = 0;
  double agreement() const { return rows == 0 ? 1.0 : 1.0 - static_cast<double>(flips) / rows; }
};

// First occurrence wins; a NaN is larger than every number, as in numpy. Errors: kUsage for an axis
// outside [-rank, rank), kInvalidInput for different shapes, kUnsupported for strings and complex
// types.
Result<ArgmaxAgreement> CompareArgmax(const Tensor& output, const Tensor& reference, int64_t axis,
                                      ThreadPool& pool);

}  // namespace assay
