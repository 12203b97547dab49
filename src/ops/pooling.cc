#include "ops/pooling.h"

#include <fmt/format.h>

namespace assay {
namespace {

Status TooFewAxes(const std::string& shape) {
  return OpContext::Invalid(
      "input: expected batch, channels and at least one more axis, got shape " + shape);
}

}  // namespace

Result<Pooling> ResolvePooling(const ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  if (shape.rank() < 3) return TooFewAxes(shape.ToString());
  ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                         ReadWindowAttributes(context, shape.rank() - 2));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes,
                         ResolveWindow(attributes, std::span(shape.dims()).subspan(2)));
  Pooling pooling = {
      .walk = WindowWalk(axes), .planes = shape[0] * shape[1], .output = {shape[0], shape[1]}};
  for (const WindowAxis& axis : axes) pooling.output.dims().push_back(axis.output);
  return pooling;
}

Status InferPooling(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    if (shape->size() < 3) return TooFewAxes(ToString(*shape));
    ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                           ReadWindowAttributes(context, static_cast<int>(shape->size()) - 2));
    output = *shape;
    for (size_t axis = 2; axis < shape->size(); ++axis) {
      ASSAY_ASSIGN_OR_RETURN((*output)[axis],
                             InferWindowCount(attributes, axis - 2, (*shape)[axis]));
    }
  }
  context.SetOutput(0, context.InputType(0), output);
  context.SetOutput(1, DType::kInt64, output);
  return OkStatus();
}

Result<Reduction> ResolveGlobalPooling(const ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  if (shape.rank() < 2) return TooFewAxes(shape.ToString());
  std::vector<char> reduced(static_cast<size_t>(shape.rank()), 1);
  reduced[0] = reduced[1] = 0;
  return Reduction(shape, reduced, /*keep_dims=*/true);
}

Status InferGlobalPooling(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    if (shape->size() < 2) return TooFewAxes(ToString(*shape));
    output = *shape;
    for (size_t axis = 2; axis < shape->size(); ++axis) (*output)[axis] = 1;
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

}  // namespace assay
