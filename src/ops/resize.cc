#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/resampling.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kFloat32Only = DTypeSet::Of(DType::kFloat32);
constexpr DTypeSet kRoiTypes = DTypeSet::Of(DType::kFloat16, DType::kFloat32, DType::kFloat64);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"X", kAllTypes}, {"scales", kFloat32Only}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {StringAttribute("mode", "nearest")}},
    {.since = 11,
     .inputs = {{"X", kAllTypes},
                {"roi", kRoiTypes},
                {"scales", kFloat32Only},
                {"sizes", kInt64Only, Arity::kOptional}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {StringAttribute("coordinate_transformation_mode", "half_pixel"),
                    FloatAttribute("cubic_coeff_a", -0.75F), IntAttribute("exclude_outside", 0),
                    FloatAttribute("extrapolation_value", 0), StringAttribute("mode", "nearest"),
                    StringAttribute("nearest_mode", "round_prefer_floor")}},
    {.since = 13,
     .inputs = {{"X", kAllTypes},
                {"roi", kRoiTypes, Arity::kOptional},
                {"scales", kFloat32Only, Arity::kOptional},
                {"sizes", kInt64Only, Arity::kOptional}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {StringAttribute("coordinate_transformation_mode", "half_pixel"),
                    FloatAttribute("cubic_coeff_a", -0.75F), IntAttribute("exclude_outside", 0),
                    FloatAttribute("extrapolation_value", 0), StringAttribute("mode", "nearest"),
                    StringAttribute("nearest_mode", "round_prefer_floor")}},
    {.since = 18,
     .also_since = {19},
     .inputs = {{"X", kAllTypes},
                {"roi", kRoiTypes, Arity::kOptional},
                {"scales", kFloat32Only, Arity::kOptional},
                {"sizes", kInt64Only, Arity::kOptional}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {IntAttribute("antialias", 0), OptionalAttribute("axes", AttributeKind::kInts),
                    StringAttribute("coordinate_transformation_mode", "half_pixel"),
                    FloatAttribute("cubic_coeff_a", -0.75F), IntAttribute("exclude_outside", 0),
                    FloatAttribute("extrapolation_value", 0),
                    StringAttribute("keep_aspect_ratio_policy", "stretch"),
                    StringAttribute("mode", "nearest"),
                    StringAttribute("nearest_mode", "round_prefer_floor")}},
};

// Input with the scales; opset 10 had no others before it.
int ScalesIndex(const OpContext& context) { return context.opset() < 11 ? 1 : 2; }
constexpr int kRoiIndex = 1;
constexpr int kSizesIndex = 3;

// The axes that roi, scales and sizes speak of.
Result<std::vector<int>> ResizedAxes(const OpContext& context, int rank) {
  const std::vector<int64_t> given = context.Ints("axes");
  std::vector<int> axes;
  for (int64_t axis : given) {
    const std::optional<int> index = NormalizeAxis(axis, rank);
    if (!index || std::find(axes.begin(), axes.end(), *index) != axes.end()) {
      return OpContext::Invalid(fmt::format(
          "attribute \"axes\": expected different values in [{}, {}), got {}", -rank, rank, axis));
    }
    axes.push_back(*index);
  }
  if (!axes.empty()) return axes;
  for (int axis = 0; axis < rank; ++axis) axes.push_back(axis);
  return axes;
}

Status CheckCount(std::string_view what, size_t expected, size_t got) {
  if (expected == got) return OkStatus();
  return OpContext::Invalid(fmt::format("{}: expected {} values, got {}", what, expected, got));
}

enum class AspectPolicy { kStretch, kNotLarger, kNotSmaller };

Result<AspectPolicy> ReadAspectPolicy(const OpContext& context) {
  if (!context.HasAttribute("keep_aspect_ratio_policy")) return AspectPolicy::kStretch;
  const std::string text = context.String("keep_aspect_ratio_policy");
  if (text == "stretch") return AspectPolicy::kStretch;
  if (text == "not_larger") return AspectPolicy::kNotLarger;
  if (text == "not_smaller") return AspectPolicy::kNotSmaller;
  return OpContext::Invalid(
      fmt::format("attribute \"keep_aspect_ratio_policy\": expected stretch, not_larger or "
                  "not_smaller, got \"{}\"",
                  text));
}

// Sets output and scale of the resized axes to what the scales say.
Status ApplyScales(std::span<const float> scales, const std::vector<int>& resized,
                   std::vector<ResampleAxis>& axes) {
  ASSAY_RETURN_IF_ERROR(CheckCount("scales", resized.size(), scales.size()));
  ASSAY_RETURN_IF_ERROR(CheckScales(scales));
  for (size_t i = 0; i < resized.size(); ++i) {
    ResampleAxis& axis = axes[static_cast<size_t>(resized[i])];
    axis.output = ScaledExtent(axis.input, scales[i]).value();
    axis.scale_numerator = scales[i];
  }
  return OkStatus();
}

// The same for sizes.
Status ApplySizes(std::span<const int64_t> sizes, AspectPolicy policy,
                  const std::vector<int>& resized, std::vector<ResampleAxis>& axes) {
  ASSAY_RETURN_IF_ERROR(CheckCount("sizes", resized.size(), sizes.size()));
  const ResampleAxis* deciding = nullptr;
  for (size_t i = 0; i < resized.size(); ++i) {
    ResampleAxis& axis = axes[static_cast<size_t>(resized[i])];
    if (sizes[i] < 0 || (sizes[i] > 0 && axis.input == 0)) {
      return OpContext::Invalid(
          fmt::format("sizes: expected values of at least 0 that the input can be resized to, got "
                      "{} for an axis of {}",
                      sizes[i], axis.input));
    }
    axis.output = sizes[i];
    axis.scale_numerator = static_cast<double>(sizes[i]);
    axis.scale_denominator = static_cast<double>(std::max<int64_t>(1, axis.input));
    if (deciding == nullptr ||
        (policy == AspectPolicy::kNotLarger ? axis.scale() < deciding->scale()
                                            : axis.scale() > deciding->scale())) {
      deciding = &axis;
    }
  }
  if (policy == AspectPolicy::kStretch || deciding == nullptr) return OkStatus();
  const ResampleAxis scale = *deciding;
  for (int index : resized) {
    ResampleAxis& axis = axes[static_cast<size_t>(index)];
    axis.scale_numerator = scale.scale_numerator;
    axis.scale_denominator = scale.scale_denominator;
    axis.output = static_cast<int64_t>(std::floor(axis.resized_length() + 0.5));
  }
  return OkStatus();
}

// Output extents under sizes that may be symbolic.
Status InferSizes(InferContext& context, const std::vector<Dim>& sizes,
                  const std::vector<int>& resized, SymbolicShape& output) {
  ASSAY_RETURN_IF_ERROR(CheckCount("sizes", resized.size(), sizes.size()));
  ASSAY_ASSIGN_OR_RETURN(const AspectPolicy policy, ReadAspectPolicy(context));
  if (policy == AspectPolicy::kStretch) {
    for (size_t i = 0; i < sizes.size(); ++i) output[static_cast<size_t>(resized[i])] = sizes[i];
    return OkStatus();
  }
  std::vector<ResampleAxis> axes(output.size());
  std::vector<int64_t> known;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Dim& input = output[static_cast<size_t>(resized[i])];
    if (!sizes[i].IsKnown() || !input.IsKnown()) break;
    known.push_back(sizes[i].value());
    axes[static_cast<size_t>(resized[i])].input = input.value();
  }
  if (known.size() == sizes.size()) {
    ASSAY_RETURN_IF_ERROR(ApplySizes(known, policy, resized, axes));
  }
  for (int index : resized) {
    const auto axis = static_cast<size_t>(index);
    output[axis] = known.size() == sizes.size() ? Dim(axes[axis].output) : Dim::Unknown();
  }
  return OkStatus();
}

Status InferScales(const Tensor& scales, const std::vector<int>& resized, SymbolicShape& output) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor values, ConvertTensor(scales, DType::kFloat32));
  const std::span<const float> list = values.data<float>();
  ASSAY_RETURN_IF_ERROR(CheckCount("scales", resized.size(), list.size()));
  ASSAY_RETURN_IF_ERROR(CheckScales(list));
  for (size_t i = 0; i < list.size(); ++i) {
    Dim& dim = output[static_cast<size_t>(resized[i])];
    dim = ScaledExtent(dim, list[i]);
  }
  return OkStatus();
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  SymbolicShape output = *shape;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> resized,
                         ResizedAxes(context, static_cast<int>(shape->size())));
  const int scales_index = ScalesIndex(context);
  const std::optional<std::vector<Dim>> sizes = context.InputContents(kSizesIndex);
  const Tensor* scales = context.ConstantInput(scales_index);
  if (scales != nullptr && scales->elements() > 0) {
    ASSAY_RETURN_IF_ERROR(InferScales(*scales, resized, output));
  } else if (sizes && !sizes->empty()) {
    ASSAY_RETURN_IF_ERROR(InferSizes(context, *sizes, resized, output));
  } else {
    for (int axis : resized) output[static_cast<size_t>(axis)] = Dim::Unknown();
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// Attributes of opset 10, which has the mode alone, and of the later ones.
Result<ResampleOptions> ReadOptions(const OpContext& context) {
  ResampleOptions options;
  ASSAY_ASSIGN_OR_RETURN(options.interpolation, ParseInterpolation(context.String("mode")));
  if (context.opset() < 11) {
    options.coordinates = CoordinateMode::kAsymmetric;
    options.nearest = NearestMode::kCeilWhenShrinking;
    return options;
  }
  ASSAY_ASSIGN_OR_RETURN(options.coordinates,
                         ParseCoordinateMode(context.String("coordinate_transformation_mode")));
  ASSAY_ASSIGN_OR_RETURN(options.nearest, ParseNearestMode(context.String("nearest_mode")));
  options.cubic_coefficient = context.Float("cubic_coeff_a");
  options.exclude_outside = context.Int("exclude_outside") != 0;
  options.extrapolation_value = context.Float("extrapolation_value");
  options.antialias = context.HasAttribute("antialias") && context.Int("antialias") != 0;
  return options;
}

Status ApplyRoi(std::span<const double> roi, const std::vector<int>& resized,
                std::vector<ResampleAxis>& axes) {
  ASSAY_RETURN_IF_ERROR(CheckCount("roi", 2 * resized.size(), roi.size()));
  for (size_t i = 0; i < resized.size(); ++i) {
    ResampleAxis& axis = axes[static_cast<size_t>(resized[i])];
    axis.roi_begin = roi[i];
    axis.roi_end = roi[resized.size() + i];
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const ResampleOptions options, ReadOptions(context));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> resized, ResizedAxes(context, shape.rank()));
  std::vector<ResampleAxis> axes(static_cast<size_t>(shape.rank()));
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    axes[axis].input = axes[axis].output = shape.dims()[axis];
  }
  const int scales_index = ScalesIndex(context);
  if (context.HasInput(scales_index) && !context.Input(scales_index).empty()) {
    const std::span<const double> scales = context.Doubles(scales_index);
    ASSAY_RETURN_IF_ERROR(
        ApplyScales(std::vector<float>(scales.begin(), scales.end()), resized, axes));
  } else if (context.HasInput(kSizesIndex)) {
    ASSAY_ASSIGN_OR_RETURN(const AspectPolicy policy, ReadAspectPolicy(context));
    ASSAY_RETURN_IF_ERROR(ApplySizes(context.IntValues(kSizesIndex), policy, resized, axes));
  } else {
    return OpContext::Invalid("expected scales or sizes, got neither");
  }
  if (options.coordinates == CoordinateMode::kTfCropAndResize) {
    if (!context.HasInput(kRoiIndex)) return OpContext::Invalid("input roi is missing");
    ASSAY_RETURN_IF_ERROR(ApplyRoi(context.Doubles(kRoiIndex), resized, axes));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor result,
                         Resample(context.Input(0), axes, options, context.threads()));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

}  // namespace

void ResizeCases(std::vector<OpCase>& cases);

extern const OpDef kResize;
const OpDef kResize = {.name = "Resize",
                       .schemas = kSchemas,
                       .infer = Infer,
                       .reference = Reference,
                       .cases = ResizeCases};

}  // namespace assay
