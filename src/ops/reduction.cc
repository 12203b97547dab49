#include "ops/reduction.h"

#include <fmt/format.h>

#include <optional>

namespace assay {
namespace {

// Marks the axes; none given means all, or none at all with noop_with_empty_axes.
Result<std::vector<char>> MarkAxes(const OpContext& context, const std::vector<int64_t>& axes,
                                   int rank) {
  std::vector<char> reduced(static_cast<size_t>(rank), 0);
  if (axes.empty()) {
    const bool noop =
        context.HasAttribute("noop_with_empty_axes") && context.Int("noop_with_empty_axes") != 0;
    if (!noop) std::fill(reduced.begin(), reduced.end(), 1);
    return reduced;
  }
  for (int64_t axis : axes) {
    const std::optional<int> index = NormalizeAxis(axis, rank);
    if (!index) {
      return OpContext::Invalid(
          fmt::format("axes: expected values in [{}, {}), got {}", -rank, rank, axis));
    }
    reduced[static_cast<size_t>(*index)] = 1;
  }
  return reduced;
}

}  // namespace

Status InferReduction(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  const bool keep_dims = context.Int("keepdims") != 0;
  std::optional<std::vector<int64_t>> axes = context.Ints("axes");
  if (context.HasInput(1)) axes = context.ConstantInts(1);
  if (shape == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  if (!axes) {
    if (!keep_dims) {
      context.SetOutput(0, dtype, std::nullopt);
    } else {
      context.SetOutput(0, dtype, SymbolicShape(shape->size()));
    }
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const std::vector<char> reduced,
                         MarkAxes(context, *axes, static_cast<int>(shape->size())));
  SymbolicShape output;
  for (size_t axis = 0; axis < shape->size(); ++axis) {
    if (reduced[axis] == 0) {
      output.push_back((*shape)[axis]);
    } else if (keep_dims) {
      output.emplace_back(1);
    }
  }
  context.SetOutput(0, dtype, std::move(output));
  return OkStatus();
}

Reduction::Reduction(const Shape& input, const std::vector<char>& reduced, bool keep_dims) {
  const std::vector<int64_t> strides = input.Strides();
  for (int axis = 0; axis < input.rank(); ++axis) {
    const Axis own = {input[axis], strides[static_cast<size_t>(axis)]};
    if (reduced[static_cast<size_t>(axis)] == 0) {
      output_.dims().push_back(own.extent);
      Append(kept_, own);
    } else {
      if (keep_dims) output_.dims().push_back(1);
      term_count_ *= own.extent;
      Append(reduced_, own);
    }
  }
  if (reduced_.empty()) reduced_.emplace_back();
}

// Neighbours that lie densely together count as one axis.
void Reduction::Append(std::vector<Axis>& axes, Axis axis) {
  if (!axes.empty() && axes.back().stride == axis.extent * axis.stride) {
    axes.back() = {axes.back().extent * axis.extent, axis.stride};
  } else {
    axes.push_back(axis);
  }
}

Result<Reduction> ResolveReduction(const ReferenceContext& context) {
  std::vector<int64_t> axes = context.Ints("axes");
  if (context.HasInput(1)) axes = context.IntValues(1);
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<char> reduced, MarkAxes(context, axes, shape.rank()));
  return Reduction(shape, reduced, context.Int("keepdims") != 0);
}

}  // namespace assay
