#include "ops/elementwise.h"

namespace assay {
namespace {

Status InferBroadcastAs(InferContext& context, DType dtype) {
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, context.BroadcastInputs());
  context.SetOutput(0, dtype, std::move(shape));
  return OkStatus();
}

}  // namespace

Status InferSameAsInput(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status InferBroadcast(InferContext& context) {
  return InferBroadcastAs(context, context.InputType(0));
}

Status InferBroadcastBool(InferContext& context) { return InferBroadcastAs(context, DType::kBool); }

BroadcastCursor::BroadcastCursor(const Shape& output, std::span<const Shape> inputs)
    : output_(output) {
  for (const Shape& input : inputs) {
    const std::vector<int64_t> own = input.Strides();
    std::vector<int64_t> strides(static_cast<size_t>(output.rank()), 0);
    for (int axis = 0; axis < input.rank(); ++axis) {
      const int at = output.rank() - input.rank() + axis;
      if (input[axis] != 1) strides[static_cast<size_t>(at)] = own[static_cast<size_t>(axis)];
    }
    strides_.push_back(std::move(strides));
  }
}

}  // namespace assay
