#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kBasicTypes | DTypeSet::Of(DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 18,
     .inputs = {{"input_data", kTypes}, {"shape", kIndexTypes}},
     .outputs = {{"output_data", kTypes}},
     .attributes = {OptionalAttribute("axes", AttributeKind::kInts)}},
};

// The axes that the extents in `shape` belong to, in their order.
Result<std::vector<int>> ReadAxes(const OpContext& context, int rank) {
  std::vector<int> axes;
  if (!context.HasAttribute("axes")) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
  }
  for (int64_t given : context.Ints("axes")) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(given, rank));
    if (std::ranges::find(axes, axis) != axes.end()) {
      return OpContext::Invalid(
          fmt::format("attribute \"axes\": expected every axis once, got axis {} twice", axis));
    }
    axes.push_back(axis);
  }
  return axes;
}

// The shape of the input with new extents on the axes that have any.
template <typename Extent>
Result<std::vector<Extent>> NewShape(const OpContext& context, std::vector<Extent> shape,
                                     const std::vector<Extent>& extents) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                         ReadAxes(context, static_cast<int>(shape.size())));
  if (extents.size() != axes.size()) {
    return OpContext::Invalid(
        fmt::format("shape: expected {} extents, got {}", axes.size(), extents.size()));
  }
  for (size_t i = 0; i < axes.size(); ++i) shape[static_cast<size_t>(axes[i])] = extents[i];
  return shape;
}

Status CheckExtent(int64_t extent) {
  if (extent >= 0) return OkStatus();
  return OpContext::Invalid(fmt::format("shape: expected extents of at least 0, got {}", extent));
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  std::optional<SymbolicShape> output;
  if (shape != nullptr) {
    if (const auto extents = context.InputContents(1)) {
      ASSAY_ASSIGN_OR_RETURN(output, NewShape(context, *shape, *extents));
      for (const Dim& dim : *extents) {
        if (dim.IsKnown()) ASSAY_RETURN_IF_ERROR(CheckExtent(dim.value()));
      }
    } else {
      output = *shape;
      ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                             ReadAxes(context, static_cast<int>(shape->size())));
      for (int axis : axes) (*output)[static_cast<size_t>(axis)] = Dim::Unknown();
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// The elements that input and output have in common along one axis.
struct Overlap {
  int64_t from = 0;  // index in the input
  int64_t to = 0;    // index in the output
  int64_t count = 0;

  Overlap(int64_t input, int64_t output)
      : from(input > output ? (input - output) / 2 : 0),
        to(output > input ? (output - input) / 2 : 0),
        count(std::min(input, output)) {}
};

// Copies the rows that input and output have in common, each row along the last axis.
void CopyRows(const ElementBuffer& in, ElementBuffer& out, ThreadPool& threads) {
  const Shape& from = in.shape();
  const Shape& to = out.shape();
  std::vector<Overlap> overlaps;
  for (int axis = 0; axis < from.rank(); ++axis) overlaps.emplace_back(from[axis], to[axis]);
  const Overlap last = overlaps.back();
  overlaps.pop_back();
  int64_t rows = 1;
  for (const Overlap& overlap : overlaps) rows *= overlap.count;
  const std::vector<int64_t> in_strides = from.Strides();
  const std::vector<int64_t> out_strides = to.Strides();
  ForEachSlice(threads, rows, last.count, [&](int64_t row) {
    int64_t source = last.from;
    int64_t target = last.to;
    for (size_t axis = overlaps.size(); axis-- > 0;) {
      const int64_t index = row % overlaps[axis].count;
      row /= overlaps[axis].count;
      source += (overlaps[axis].from + index) * in_strides[axis];
      target += (overlaps[axis].to + index) * out_strides[axis];
    }
    out.Copy(target, in, source, last.count);
  });
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  if (context.Input(1).shape().rank() != 1) {
    return OpContext::Invalid("shape: expected rank 1, got shape " +
                              context.Input(1).shape().ToString());
  }
  const std::vector<int64_t> extents = context.IntValues(1);
  for (int64_t extent : extents) ASSAY_RETURN_IF_ERROR(CheckExtent(extent));
  ASSAY_ASSIGN_OR_RETURN(std::vector<int64_t> dims,
                         NewShape(context, input.shape().dims(), extents));
  const Shape shape(std::move(dims));
  if (!shape.CheckedElements()) {
    return OpContext::Invalid("shape: too large: " + shape.ToString());
  }
  if (shape == input.shape()) {
    context.SetOutput(0, input);
    return OkStatus();
  }
  const ElementBuffer in(input);
  ElementBuffer out(input.dtype(), shape);
  out.Clear(0, shape.elements());
  if (input.elements() > 0 && shape.elements() > 0) CopyRows(in, out, context.threads());
  context.SetOutput(0, out.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto extents = [](const std::vector<int64_t>& values) { return Tensor::Vector(values); };
  const Tensor five = Tensor::Vector<int32_t>({1, 2, 3, 4, 5});
  const Tensor matrix = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "crops_one_more_at_the_end",
                   .inputs = {five, extents({2})},
                   .expected = {Tensor::Vector<int32_t>({2, 3})}});
  cases.push_back({.name = "crops_both_ends_alike",
                   .inputs = {five, Tensor::Vector<int32_t>({3})},
                   .expected = {Tensor::Vector<int32_t>({2, 3, 4})}});
  cases.push_back({.name = "pads_one_more_at_the_end",
                   .inputs = {five, extents({8})},
                   .expected = {Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5, 0, 0})}});
  cases.push_back({.name = "crops_and_pads",
                   .inputs = {matrix, extents({4, 1})},
                   .expected = {Tensor::Of<float>({4, 1}, {0, 2, 5, 0})}});
  cases.push_back({.name = "axes_in_their_order",
                   .attributes = {{"axes", std::vector<int64_t>{-1, 0}}},
                   .inputs = {matrix, extents({5, 1})},
                   .expected = {Tensor::Of<float>({1, 5}, {0, 1, 2, 3, 0})}});
  cases.push_back({.name = "no_axes",
                   .attributes = {{"axes", std::vector<int64_t>{}}},
                   .inputs = {matrix, extents({})},
                   .expected = {matrix}});
  cases.push_back({.name = "strings_are_padded_with_empty_ones",
                   .inputs = {Tensor::Vector<std::string>({"a", "b"}), extents({4})},
                   .expected = {Tensor::Vector<std::string>({"", "a", "b", ""})}});
  cases.push_back({.name = "bools",
                   .inputs = {TensorAs(DType::kBool, {1}, {1}), extents({2})},
                   .expected = {TensorAs(DType::kBool, {2}, {1, 0})}});
  cases.push_back({.name = "middle_of_three_axes",
                   .attributes = {{"axes", std::vector<int64_t>{1}}},
                   .inputs = {Tensor::Of<float>({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                              extents({1})},
                   .expected = {Tensor::Of<float>({2, 1, 2}, {3, 4, 9, 10})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), extents({1, 2})},
                   .expected = {Tensor::Of<float>({1, 2}, {0, 0})}});
  cases.push_back({.name = "to_nothing",
                   .inputs = {matrix, extents({0, 3})},
                   .expected = {Tensor::Of<float>({0, 3}, {})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(7), extents({})},
                   .expected = {Tensor::Scalar<float>(7)}});
}

}  // namespace

extern const OpDef kCenterCropPad;
const OpDef kCenterCropPad = {.name = "CenterCropPad",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
