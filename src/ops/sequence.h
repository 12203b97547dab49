#pragma once

#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "tensor/runtime_value.h"

namespace assay {

ValueType SequenceOf(ValueType element);
ValueType OptionalOf(ValueType element);

// Element type of a sequence or optional that is an input, of unknown shape if it has none; an
// error for anything else.
Result<ValueType> ElementOf(const InferContext& context, int i);

// A position in a sequence, from the end if negative: in [0, length), or [0, length] where one may
// insert. Errors name both.
Result<size_t> PositionIn(int64_t position, size_t length, bool may_be_end);

// The position that input i gives, `absent` if it is left out. Errors: not one element, outside.
Result<size_t> PositionArgument(const ReferenceContext& context, int i, size_t length,
                                bool may_be_end, int64_t absent);

// Tensors of one type and rank joined along an axis. Errors: extents that differ elsewhere, types.
Result<Tensor> JoinAlong(const std::vector<Tensor>& parts, int axis);
// Tensors of one type and shape as the slices of a new axis. `parts` must not be empty.
Result<Tensor> StackAlong(const std::vector<Tensor>& parts, int axis);
// Slice `index` of an axis, which goes.
Tensor SliceAt(const Tensor& tensor, int axis, int64_t index, ThreadPool& threads);
// Slices [begin, end) of an axis.
Tensor SliceRange(const Tensor& tensor, int axis, int64_t begin, int64_t end, ThreadPool& threads);

// The shape of a body's output where the body never ran: extents that are known, else 0.
Shape ShapeOfOutputThatNeverCame(const Graph& body, size_t output);

}  // namespace assay
