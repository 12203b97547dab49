#include "ops/sequence.h"

#include <fmt/format.h>

#include <memory>

#include "ops/data_movement.h"

namespace assay {

ValueType SequenceOf(ValueType element) {
  ValueType type;
  type.kind = ValueType::Kind::kSequence;
  type.element = std::make_shared<const ValueType>(std::move(element));
  return type;
}

ValueType OptionalOf(ValueType element) {
  ValueType type;
  type.kind = ValueType::Kind::kOptional;
  type.element = std::make_shared<const ValueType>(std::move(element));
  return type;
}

Result<ValueType> ElementOf(const InferContext& context, int i) {
  const ValueType* type = context.InputValueType(i);
  if (type != nullptr && type->element != nullptr) return *type->element;
  return OpContext::Invalid(fmt::format("input {}: expected a sequence or optional, got {}", i,
                                        type == nullptr ? "nothing" : type->ToString()));
}

Result<size_t> PositionIn(int64_t position, size_t length, bool may_be_end) {
  const auto count = static_cast<int64_t>(length);
  const int64_t from_start = position < 0 ? position + count : position;
  if (from_start >= 0 && from_start < count + (may_be_end ? 1 : 0)) {
    return static_cast<size_t>(from_start);
  }
  return OpContext::Invalid(fmt::format("position in a sequence of {}: expected {} to {}, got {}",
                                        length, -count, count - (may_be_end ? 0 : 1), position));
}

Result<size_t> PositionArgument(const ReferenceContext& context, int i, size_t length,
                                bool may_be_end, int64_t absent) {
  if (!context.HasInput(i)) return PositionIn(absent, length, may_be_end);
  const std::vector<int64_t> values = context.IntValues(i);
  if (values.size() != 1) {
    return OpContext::Invalid(fmt::format("shape of position: expected one element, got {}",
                                          context.Input(i).shape().ToString()));
  }
  return PositionIn(values[0], length, may_be_end);
}

Result<Tensor> JoinAlong(const std::vector<Tensor>& parts, int axis) {
  Shape shape = parts[0].shape();
  shape[axis] = 0;
  for (const Tensor& part : parts) {
    Shape expected = shape;
    if (part.shape().rank() == shape.rank()) expected[axis] = part.shape()[axis];
    if (part.shape() != expected || part.dtype() != parts[0].dtype()) {
      return OpContext::Invalid(
          fmt::format("tensors to join along axis {}: expected {} {}, got {} {}", axis,
                      DTypeName(parts[0].dtype()), expected.ToString(), DTypeName(part.dtype()),
                      part.shape().ToString()));
    }
    shape[axis] += part.shape()[axis];
  }
  ElementBuffer joined(parts[0].dtype(), shape);
  const int64_t outer = shape.elements(0, axis);
  const int64_t inner = shape.elements(axis + 1, shape.rank());
  int64_t at = 0;
  for (const Tensor& part : parts) {
    const ElementBuffer source(part);
    const int64_t piece = part.shape()[axis] * inner;
    for (int64_t i = 0; i < outer; ++i) {
      joined.Copy(i * shape[axis] * inner + at, source, i * piece, piece);
    }
    at += piece;
  }
  return joined.Finish();
}

Result<Tensor> StackAlong(const std::vector<Tensor>& parts, int axis) {
  std::vector<Tensor> slices;
  for (const Tensor& part : parts) {
    if (part.shape().rank() < axis) {
      return OpContext::Invalid(
          fmt::format("axis {} is not in a tensor of shape {}", axis, part.shape().ToString()));
    }
    Shape shape = part.shape();
    shape.dims().insert(shape.dims().begin() + axis, 1);
    slices.push_back(part.Reshaped(shape));
  }
  return JoinAlong(slices, axis);
}

Tensor SliceRange(const Tensor& tensor, int axis, int64_t begin, int64_t end, ThreadPool& threads) {
  const std::vector<int64_t> strides = tensor.shape().Strides();
  Shape shape = tensor.shape();
  shape[axis] = end - begin;
  return CopyStridedView(tensor, shape, begin * strides[static_cast<size_t>(axis)], strides,
                         threads);
}

Tensor SliceAt(const Tensor& tensor, int axis, int64_t index, ThreadPool& threads) {
  const Tensor slice = SliceRange(tensor, axis, index, index + 1, threads);
  Shape shape = slice.shape();
  shape.dims().erase(shape.dims().begin() + axis);
  return slice.Reshaped(shape);
}

Shape ShapeOfOutputThatNeverCame(const Graph& body, size_t output) {
  const ValueType& type = body.value(body.outputs[output]).type;
  Shape shape;
  for (size_t k = 0; type.shape && k < type.shape->size(); ++k) {
    shape.dims().push_back((*type.shape)[k].MaybeValue().value_or(0));
  }
  return shape;
}

}  // namespace assay
