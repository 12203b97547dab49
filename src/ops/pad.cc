#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr FormalParam kData = {"data", kAllTypes};
constexpr FormalParam kPads = {"pads", kInt64Only};
constexpr FormalParam kFill = {"constant_value", kAllTypes, Arity::kOptional};
constexpr FormalParam kOutput = {"output", kAllTypes};

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {kData},
     .outputs = {kOutput},
     .attributes = {StringAttribute("mode", "constant"),
                    RequiredAttribute("paddings", AttributeKind::kInts),
                    FloatAttribute("value", 0)}},
    {.since = 2,
     .inputs = {kData},
     .outputs = {kOutput},
     .attributes = {StringAttribute("mode", "constant"),
                    RequiredAttribute("pads", AttributeKind::kInts), FloatAttribute("value", 0)}},
    {.since = 11,
     .also_since = {13},
     .inputs = {kData, kPads, kFill},
     .outputs = {kOutput},
     .attributes = {StringAttribute("mode", "constant")}},
    {.since = 18,
     .also_since = {19, 21, 23, 24, 25},
     .inputs = {kData, kPads, kFill, {"axes", kIndexTypes, Arity::kOptional}},
     .outputs = {kOutput},
     .attributes = {StringAttribute("mode", "constant")}},
};

// Padding of every axis, axes that are not listed with none.
template <typename T>
struct Padding {
  std::vector<T> before;
  std::vector<T> after;
};

template <typename T>
Result<Padding<T>> Spread(const std::vector<T>& pads, std::vector<int64_t> axes, bool has_axes,
                          int rank) {
  if (!has_axes) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (pads.size() != 2 * axes.size()) {
    return OpContext::Invalid(
        fmt::format("pads: expected {} values, got {}", 2 * axes.size(), pads.size()));
  }
  Padding<T> padding;
  padding.before.assign(static_cast<size_t>(rank), T{});
  padding.after = padding.before;
  for (size_t i = 0; i < axes.size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(axes[i], rank));
    padding.before[static_cast<size_t>(axis)] = pads[i];
    padding.after[static_cast<size_t>(axis)] = pads[i + axes.size()];
  }
  return padding;
}

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  std::optional<std::vector<Dim>> pads;
  if (context.opset() < 11) {
    const auto values = context.Ints(context.opset() < 2 ? "paddings" : "pads");
    pads = std::vector<Dim>(values.begin(), values.end());
  } else {
    pads = context.InputContents(1);
  }
  const auto axes = context.ConstantInts(3);
  SymbolicShape result(shape->size());
  if (pads && (axes || !context.HasInput(3))) {
    ASSAY_ASSIGN_OR_RETURN(const auto padding,
                           Spread(*pads, axes.value_or(std::vector<int64_t>()), context.HasInput(3),
                                  static_cast<int>(shape->size())));
    for (size_t i = 0; i < result.size(); ++i) {
      result[i] = (*shape)[i] + padding.before[i] + padding.after[i];
    }
  }
  context.SetOutput(0, dtype, std::move(result));
  return OkStatus();
}

// Source index along one axis for an index of the padded axis; -1 stands for the fill value.
Result<std::vector<int64_t>> SourceIndices(const std::string& mode, int64_t extent, int64_t before,
                                           int64_t after) {
  const int64_t length = extent + before + after;
  if (length < 0) {
    return OpContext::Invalid(
        fmt::format("pads: {} and {} cut more than the extent {}", before, after, extent));
  }
  const bool needs_source = mode != "constant" && (before > 0 || after > 0);
  if (needs_source && (extent < 1 || (mode == "reflect" && extent == 1 && length > 1))) {
    return OpContext::Invalid(
        fmt::format("mode {} cannot extend an axis of extent {}", mode, extent));
  }
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < length; ++i) {
    int64_t at = i - before;
    if (at < 0 || at >= extent) {
      if (mode == "constant") {
        at = -1;
      } else if (mode == "edge") {
        at = std::clamp<int64_t>(at, 0, extent - 1);
      } else if (mode == "wrap") {
        at = (at % extent + extent) % extent;
      } else {
        const int64_t period = 2 * (extent - 1);
        at = (at % period + period) % period;
        if (at >= extent) at = period - at;
      }
    }
    indices.push_back(at);
  }
  return indices;
}

Result<Tensor> FillValue(const ReferenceContext& context) {
  const DType dtype = context.Input(0).dtype();
  if (context.opset() < 11) return ConvertTensor(Tensor::Scalar(context.Float("value")), dtype);
  if (!context.HasInput(2)) return Tensor::Zeros(dtype, Shape{1});
  if (context.Input(2).elements() != 1 || context.Input(2).dtype() != dtype) {
    return OpContext::Invalid("constant_value: expected one element of the type of data");
  }
  return context.Input(2);
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const int rank = input.shape().rank();
  const std::string mode = context.String("mode");
  if (mode != "constant" && mode != "reflect" && mode != "edge" &&
      !(mode == "wrap" && context.opset() >= 19)) {
    return OpContext::Invalid(
        fmt::format("mode: expected constant, reflect, edge or wrap, got \"{}\"", mode));
  }
  std::vector<int64_t> pads;
  if (context.opset() < 11) {
    pads = context.Ints(context.opset() < 2 ? "paddings" : "pads");
  } else {
    pads = context.IntValues(1);
  }
  const bool has_axes = context.HasInput(3);
  ASSAY_ASSIGN_OR_RETURN(
      const auto padding,
      Spread(pads, has_axes ? context.IntValues(3) : std::vector<int64_t>(), has_axes, rank));
  ASSAY_ASSIGN_OR_RETURN(const Tensor fill, FillValue(context));

  std::vector<std::vector<int64_t>> sources;
  std::vector<int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    const auto k = static_cast<size_t>(axis);
    ASSAY_ASSIGN_OR_RETURN(auto indices, SourceIndices(mode, input.shape()[axis], padding.before[k],
                                                       padding.after[k]));
    dims.push_back(static_cast<int64_t>(indices.size()));
    sources.push_back(std::move(indices));
  }
  const Shape shape(dims);
  const std::vector<int64_t> strides = input.shape().Strides();
  const ElementBuffer source(input);
  const ElementBuffer filler(fill);
  ElementBuffer target(input.dtype(), shape);
  const int64_t inner = rank == 0 ? 1 : shape[rank - 1];
  const int64_t rows = inner == 0 ? 0 : shape.elements() / inner;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t from = 0;
    bool outside = false;
    int64_t rest = row;
    for (int axis = rank - 2; axis >= 0; --axis) {
      const int64_t at =
          sources[static_cast<size_t>(axis)][static_cast<size_t>(rest % shape[axis])];
      rest /= shape[axis];
      outside = outside || at < 0;
      from += at * strides[static_cast<size_t>(axis)];
    }
    for (int64_t k = 0; k < inner; ++k) {
      const int64_t at = rank == 0 ? 0 : sources.back()[static_cast<size_t>(k)];
      const bool filled = outside || at < 0;
      target.Copy(row * inner + k, filled ? filler : source, filled ? 0 : from + at, 1);
    }
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor row = Tensor::Of<float>({1, 3}, {1, 2, 3});
  const auto ints = [](const std::vector<int64_t>& values) {
    return Tensor::Vector<int64_t>(values);
  };
  const auto add = [&](std::string mode, const std::vector<int64_t>& pads, Tensor expected) {
    cases.push_back({.name = mode,
                     .attributes = {{"mode", mode}},
                     .inputs = {row, ints(pads)},
                     .expected = {std::move(expected)}});
  };
  add("constant", {0, 2, 1, 0}, Tensor::Of<float>({2, 5}, {0, 0, 1, 2, 3, 0, 0, 0, 0, 0}));
  add("reflect", {0, 2, 0, 1}, Tensor::Of<float>({1, 6}, {3, 2, 1, 2, 3, 2}));
  add("edge", {0, 2, 0, 1}, Tensor::Of<float>({1, 6}, {1, 1, 1, 2, 3, 3}));
  add("wrap", {0, 2, 0, 1}, Tensor::Of<float>({1, 6}, {2, 3, 1, 2, 3, 1}));
  cases.push_back({.name = "negative_crops",
                   .inputs = {row, ints({0, -1, 0, 1}), Tensor::Scalar<float>(9)},
                   .expected = {Tensor::Of<float>({1, 3}, {2, 3, 9})}});
  cases.push_back({.name = "axes",
                   .inputs = {row, ints({1, 0}), Tensor::Scalar<float>(-1), ints({-1})},
                   .expected = {Tensor::Of<float>({1, 4}, {-1, 1, 2, 3})}});
  cases.push_back({.name = "attributes",
                   .opset = 2,
                   .attributes = {{"pads", std::vector<int64_t>{0, 1, 0, 0}}, {"value", 5.0F}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 4}, {5, 1, 2, 3})}});
  cases.push_back({.name = "attributes_of_integers",
                   .opset = 2,
                   .attributes = {{"pads", std::vector<int64_t>{1, 0}}, {"value", 5.0F}},
                   .inputs = {Tensor::Vector<int32_t>({1, 2})},
                   .expected = {Tensor::Vector<int32_t>({5, 1, 2})}});
}

}  // namespace

extern const OpDef kPad;
const OpDef kPad = {
    .name = "Pad", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
