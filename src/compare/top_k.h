#pragma once

#include <cstdint>

#include "base/status.h"
#include "base/thread_pool.h"
#include "tensor/tensor.h"

namespace assay {

// Indices (int64) of the k largest values along an axis, largest first, equal values in their
// order, NaN last. k above the extent is clamped. Every real element type, bool and unsigned
// included. Errors: kUsage for k < 1 or an axis outside [-rank, rank), kUnsupported for strings and
// complex types.
Result<Tensor> TopKIndices(const Tensor& tensor, int64_t k, int64_t axis, ThreadPool& pool);

}  // namespace assay
