#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "ops/reference_context.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace assay {

// An index in [-extent, extent) as one in [0, extent); an error outside.
Result<int64_t> WrapIndex(int64_t index, int64_t extent);

// Flat position that a tuple of leading indices (each may be negative) selects; the tuple may be
// shorter than the rank, then it is the start of a slice.
Result<int64_t> FlatPosition(std::span<const int64_t> indices, const Shape& shape);

// How scattered values combine with what is there.
enum class ScatterReduction { kNone, kAdd, kMultiply, kMax, kMin };
Result<ScatterReduction> ScatterReductionOf(const std::string& name);

// A copy of `data` that may be written, for scattering.
Tensor WritableCopy(const Tensor& data);

// data[position] = reduction(data[position], updates[from]) for `count` consecutive elements of any
// type (kNone) or of a numeric type.
Status ScatterElementsAt(Tensor& data, int64_t position, const Tensor& updates, int64_t from,
                         int64_t count, ScatterReduction reduction);

}  // namespace assay
