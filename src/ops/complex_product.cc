#include "ops/complex_product.h"

#include <fmt/format.h>

namespace assay {

Status InferComplexProduct(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, context.BroadcastInputs());
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Status ComputeComplexProduct(ReferenceContext& context, double sign) {
  std::vector<Shape> shapes;
  for (int i = 0; i < 2; ++i) {
    const Shape& shape = context.Input(i).shape();
    if (shape.rank() < 1 || shape[shape.rank() - 1] != 2) {
      return OpContext::Invalid(
          fmt::format("input {}: expected a last axis of 2, got shape {}", i, shape.ToString()));
    }
    shapes.emplace_back(std::vector<int64_t>(shape.begin(), shape.end() - 1));
  }
  const std::optional<Shape> output = BroadcastShapes(shapes[0], shapes[1]);
  if (!output) {
    return OpContext::Invalid(fmt::format("shapes {} and {} cannot be broadcast",
                                          shapes[0].ToString(), shapes[1].ToString()));
  }
  Shape shape = *output;
  shape.dims().push_back(2);
  const double* a = context.Doubles(0).data();
  const double* b = context.Doubles(1).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  BroadcastCursor(*output, shapes)
      .ForEachRun(0, output->elements(), [&](int64_t at, int64_t count, auto offsets, auto steps) {
        for (int64_t k = 0; k < count; ++k) {
          const double* x = a + 2 * (offsets[0] + k * steps[0]);
          const double* y = b + 2 * (offsets[1] + k * steps[1]);
          const double imaginary = sign * y[1];
          out[2 * (at + k)] = x[0] * y[0] - x[1] * imaginary;
          out[2 * (at + k) + 1] = x[0] * imaginary + x[1] * y[0];
        }
      });
  return OkStatus();
}

}  // namespace assay
