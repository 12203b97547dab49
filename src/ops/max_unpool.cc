#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "ops/window.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {11, 22},
     .inputs = {{"X", kFloats}, {"I", kInt64Only}, {"output_shape", kInt64Only, Arity::kOptional}},
     .outputs = {{"output", kFloats}},
     .attributes = {RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

// Extent of the tensor that the indices count in: what the pooling took in, if it had nothing left
// over.
Dim PooledExtent(const WindowAttributes& attributes, size_t axis, const Dim& input) {
  return (input - Dim(1)) * Dim(attributes.strides[axis]) +
         Dim(attributes.kernel[axis] - attributes.pads[axis] -
             attributes.pads[attributes.kernel.size() + axis]);
}

Status CheckRank(size_t rank) {
  if (rank >= 3) return OkStatus();
  return OpContext::Invalid(fmt::format("X: expected a rank of at least 3, got {}", rank));
}

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const auto contents = context.InputContents(2)) {
    output = *contents;
  } else if (const SymbolicShape* shape = context.InputShape(0)) {
    ASSAY_RETURN_IF_ERROR(CheckRank(shape->size()));
    output = *shape;
    ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                           ReadWindowAttributes(context, static_cast<int>(shape->size()) - 2));
    for (size_t axis = 2; axis < shape->size(); ++axis) {
      (*output)[axis] =
          context.HasInput(2) ? Dim::Unknown() : PooledExtent(attributes, axis - 2, (*shape)[axis]);
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// Flat position in `to` of flat position `at` of `from`, both with the same origin.
int64_t Moved(int64_t at, const Shape& from, const std::vector<int64_t>& to_strides) {
  int64_t position = 0;
  for (int axis = from.rank(); axis-- > 0;) {
    position += at % from[axis] * to_strides[static_cast<size_t>(axis)];
    at /= from[axis];
  }
  return position;
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_RETURN_IF_ERROR(CheckRank(shape.dims().size()));
  if (context.Input(1).shape() != shape) {
    return OpContext::Invalid("I: expected the shape of X, " + shape.ToString() + ", got " +
                              context.Input(1).shape().ToString());
  }
  ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                         ReadWindowAttributes(context, shape.rank() - 2));
  Shape pooled = shape;
  for (size_t axis = 2; axis < shape.dims().size(); ++axis) {
    pooled.dims()[axis] = PooledExtent(attributes, axis - 2, shape.dims()[axis]).value();
  }
  Shape output = pooled;
  if (context.HasInput(2)) output = Shape(context.IntValues(2));
  bool fits = output.rank() == pooled.rank() && pooled.CheckedElements().has_value();
  for (int axis = 0; fits && axis < output.rank(); ++axis) fits = output[axis] >= pooled[axis];
  if (!fits) {
    return OpContext::Invalid("output_shape: expected at least " + pooled.ToString() + ", got " +
                              output.ToString());
  }
  const std::span<const double> values = context.Doubles(0);
  const std::span<const int64_t> indices = context.Input(1).data<int64_t>();
  const auto out = context.AllocateOutput(0, output).mutable_data<double>();
  std::fill(out.begin(), out.end(), 0.0);
  const std::vector<int64_t> strides = output.Strides();
  for (size_t i = 0; i < values.size(); ++i) {
    if (indices[i] < 0 || indices[i] >= pooled.elements()) {
      return OpContext::Invalid(
          fmt::format("I: expected values in [0, {}), got {}", pooled.elements(), indices[i]));
    }
    out[static_cast<size_t>(Moved(indices[i], pooled, strides))] = values[i];
  }
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor values = Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor indices = Tensor::Of<int64_t>({1, 1, 2, 2}, {5, 7, 13, 15});
  cases.push_back({.name = "plain_opset9",
                   .opset = 9,
                   .attributes = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
                   .inputs = {values, indices},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 4, 4}, {0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4})}});
  cases.push_back(
      {.name = "output_shape",
       .attributes = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
       .inputs = {values, indices, Tensor::Vector<int64_t>({1, 1, 5, 5})},
       .expected = {Tensor::Of<float>({1, 1, 5, 5}, {0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0,
                                                     0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0})}});
  cases.push_back(
      {.name = "indices_count_over_channels",
       .attributes = {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}},
       .inputs = {Tensor::Of<double>({1, 2, 1}, {std::numeric_limits<double>::infinity(), -2}),
                  Tensor::Of<int64_t>({1, 2, 1}, {1, 2})},
       .expected = {
           Tensor::Of<double>({1, 2, 2}, {0, std::numeric_limits<double>::infinity(), -2, 0})}});
  cases.push_back(
      {.name = "pads",
       .attributes = {{"kernel_shape", Ints{3}}, {"strides", Ints{2}}, {"pads", Ints{1, 0}}},
       .inputs = {Tensor::Of<float>({1, 1, 2}, {7, 8}), Tensor::Of<int64_t>({1, 1, 2}, {1, 3})},
       .expected = {Tensor::Of<float>({1, 1, 4}, {0, 7, 0, 8})}});
}

}  // namespace

extern const OpDef kMaxUnpool;
const OpDef kMaxUnpool = {.name = "MaxUnpool",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
