#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {OptionalAttribute("axes", AttributeKind::kInts),
                    RequiredAttribute("ends", AttributeKind::kInts),
                    RequiredAttribute("starts", AttributeKind::kInts)}},
    {.since = 10,
     .also_since = {11, 13},
     .inputs = {{"data", kAllTypes},
                {"starts", kIndexTypes},
                {"ends", kIndexTypes},
                {"axes", kIndexTypes, Arity::kOptional},
                {"steps", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output", kAllTypes}}},
};

std::vector<int64_t> FirstAxes(size_t count) {
  std::vector<int64_t> axes(count);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

struct AxisSlice {
  int64_t start;
  int64_t step;
  int64_t count;
};

// numpy's rule: negative ends count from the back, then everything is clamped.
AxisSlice ResolveSlice(int64_t extent, int64_t start, int64_t end, int64_t step) {
  const auto wrap = [extent](int64_t index) { return index < 0 ? index + extent : index; };
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? extent : extent - 1;
  start = std::clamp(wrap(start), low, high);
  end = std::clamp(wrap(end), low, high);
  const int64_t distance = step > 0 ? end - start : start - end;
  const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : ~static_cast<uint64_t>(step) + 1;
  const int64_t count =
      distance <= 0 ? 0 : static_cast<int64_t>((static_cast<uint64_t>(distance) - 1) / stride) + 1;
  return {start, step, count};
}

Dim SlicedExtent(const Dim& extent, const Dim& start, const Dim& end, const Dim& step) {
  if (extent.IsKnown() && start.IsKnown() && end.IsKnown() && step.IsKnown()) {
    return step.value() == 0
               ? Dim::Unknown()
               : Dim(ResolveSlice(extent.value(), start.value(), end.value(), step.value()).count);
  }
  if (!step.IsKnown() || step.value() != 1) return Dim::Unknown();
  constexpr int64_t kFarAway = std::numeric_limits<int32_t>::max();
  const bool to_end = (end.IsKnown() && end.value() >= kFarAway) || end.SameAs(extent);
  if (start.IsKnown() && start.value() == 0) {
    if (to_end) return extent;
    if (end.IsKnown() && end.value() < 0) return extent + end;
  }
  if (start.IsKnown() && start.value() < 0 && to_end) return Dim::Unknown();
  if (start.IsKnown() && to_end) return extent - start;
  return Dim::Unknown();
}

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  const bool by_attribute = context.opset() < 10;
  const auto list = [&](const char* name, int input) -> std::optional<std::vector<Dim>> {
    if (!by_attribute) return context.InputContents(input);
    const std::vector<int64_t> values = context.Ints(name);
    return std::vector<Dim>(values.begin(), values.end());
  };
  const auto starts = list("starts", 1);
  const auto ends = list("ends", 2);
  const bool has_axes = by_attribute ? context.HasAttribute("axes") : context.HasInput(3);
  std::optional<std::vector<int64_t>> axes;
  if (has_axes) {
    axes = by_attribute ? context.Ints("axes") : context.ConstantInts(3);
  } else if (starts) {
    axes = FirstAxes(starts->size());
  }
  SymbolicShape result = *shape;
  if (!axes) {
    std::fill(result.begin(), result.end(), Dim::Unknown());
    context.SetOutput(0, dtype, std::move(result));
    return OkStatus();
  }
  std::optional<std::vector<Dim>> steps = std::vector<Dim>(axes->size(), Dim(1));
  if (context.HasInput(4)) steps = context.InputContents(4);
  for (size_t i = 0; i < axes->size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis((*axes)[i], static_cast<int>(shape->size())));
    Dim& dim = result[static_cast<size_t>(axis)];
    const bool known =
        starts && ends && steps && i < starts->size() && i < ends->size() && i < steps->size();
    dim = known ? SlicedExtent(dim, (*starts)[i], (*ends)[i], (*steps)[i]) : Dim::Unknown();
  }
  context.SetOutput(0, dtype, std::move(result));

  const auto contents = context.InputContents(0);
  if (contents && shape->size() == 1 && axes->size() == 1 && starts && ends && steps &&
      (*starts)[0].IsKnown() && (*ends)[0].IsKnown() && (*steps)[0].IsKnown() &&
      (*steps)[0].value() != 0) {
    const AxisSlice slice =
        ResolveSlice(static_cast<int64_t>(contents->size()), (*starts)[0].value(),
                     (*ends)[0].value(), (*steps)[0].value());
    std::vector<Dim> selected;
    for (int64_t k = 0; k < slice.count; ++k) {
      selected.push_back((*contents)[static_cast<size_t>(slice.start + k * slice.step)]);
    }
    context.SetOutputContents(0, std::move(selected));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const bool by_attribute = context.opset() < 10;
  const std::vector<int64_t> starts = by_attribute ? context.Ints("starts") : context.IntValues(1);
  const std::vector<int64_t> ends = by_attribute ? context.Ints("ends") : context.IntValues(2);
  std::vector<int64_t> axes = FirstAxes(starts.size());
  if (by_attribute ? context.HasAttribute("axes") : context.HasInput(3)) {
    axes = by_attribute ? context.Ints("axes") : context.IntValues(3);
  }
  std::vector<int64_t> steps(starts.size(), 1);
  if (context.HasInput(4)) steps = context.IntValues(4);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    return OpContext::Invalid(
        fmt::format("starts, ends, axes and steps: expected equal lengths, got {}, {}, {} and {}",
                    starts.size(), ends.size(), axes.size(), steps.size()));
  }
  Shape shape = input.shape();
  std::vector<int64_t> strides = shape.Strides();
  int64_t offset = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(axes[i], shape.rank()));
    if (steps[i] == 0) return OpContext::Invalid("steps: expected non-zero values, got 0");
    const AxisSlice slice = ResolveSlice(input.shape()[axis], starts[i], ends[i], steps[i]);
    const int64_t stride = input.shape().Strides()[static_cast<size_t>(axis)];
    shape[axis] = slice.count;
    if (slice.count > 0) offset += slice.start * stride;
    // A step beyond the extent selects one element; its stride is never used and must not overflow.
    strides[static_cast<size_t>(axis)] = slice.count > 1 ? slice.step * stride : 0;
  }
  if (shape.elements() == 0) offset = 0;
  context.SetOutput(0, CopyStridedView(input, shape, offset, strides, context.threads()));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const auto ints = [](const std::vector<int64_t>& values) {
    return Tensor::Vector<int64_t>(values);
  };
  cases.push_back({.name = "steps_and_axes",
                   .inputs = {data, ints({1, 0}), ints({2, 3}), ints({0, 1}), ints({1, 2})},
                   .expected = {Tensor::Of<float>({1, 2}, {5, 7})}});
  cases.push_back({.name = "clamps",
                   .inputs = {data, ints({0, 1}), ints({-1, 1000})},
                   .expected = {Tensor::Of<float>({1, 3}, {2, 3, 4})}});
  cases.push_back({.name = "negative_step",
                   .inputs = {data, ints({-1}), ints({std::numeric_limits<int64_t>::min()}),
                              ints({1}), ints({-1})},
                   .expected = {Tensor::Of<float>({2, 4}, {4, 3, 2, 1, 8, 7, 6, 5})}});
  cases.push_back({.name = "empty_result",
                   .inputs = {data, ints({3}), ints({1}), ints({1})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
  cases.push_back({.name = "huge_step",
                   .inputs = {data, ints({0}), ints({4}), ints({1}),
                              ints({std::numeric_limits<int64_t>::max()})},
                   .expected = {Tensor::Of<float>({2, 1}, {1, 5})}});
  cases.push_back({.name = "attributes",
                   .opset = 9,
                   .attributes = {{"starts", std::vector<int64_t>{1}},
                                  {"ends", std::vector<int64_t>{3}},
                                  {"axes", std::vector<int64_t>{1}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<float>({2, 2}, {2, 3, 6, 7})}});
}

}  // namespace

extern const OpDef kSlice;
const OpDef kSlice = {
    .name = "Slice", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
