#include "tactics/cpu/resize_axes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "ops/data_movement.h"

namespace assay {
namespace {

// Bounds the tables of hostile sizes.
constexpr int64_t kMostExtent = int64_t{1} << 24;

Result<std::vector<double>> ConstantNumbers(const Instance& instance, int input) {
  const Tensor* tensor = instance.HasInput(input) ? instance.input(input).constant : nullptr;
  if (tensor == nullptr) return OpContext::Unsupported("scales, sizes and roi must be constant");
  std::vector<double> values;
  for (int64_t i = 0; i < tensor->elements(); ++i) values.push_back(tensor->ValueAsDouble(i));
  return values;
}

ResampleOptions OldOptions() {
  ResampleOptions options;
  options.coordinates = CoordinateMode::kAsymmetric;
  options.nearest = NearestMode::kCeilWhenShrinking;
  return options;
}

Result<ResampleOptions> OptionsOf(const Instance& instance) {
  const bool has_modes = instance.node().op == "Resize" && instance.opset() >= 11;
  ResampleOptions options = has_modes ? ResampleOptions() : OldOptions();
  ASSAY_ASSIGN_OR_RETURN(options.interpolation, ParseInterpolation(instance.String("mode")));
  if (!has_modes) return options;
  ASSAY_ASSIGN_OR_RETURN(options.coordinates,
                         ParseCoordinateMode(instance.String("coordinate_transformation_mode")));
  ASSAY_ASSIGN_OR_RETURN(options.nearest, ParseNearestMode(instance.String("nearest_mode")));
  options.cubic_coefficient = instance.Float("cubic_coeff_a");
  options.exclude_outside = instance.Int("exclude_outside") != 0;
  options.extrapolation_value = instance.Float("extrapolation_value");
  options.antialias = instance.HasAttribute("antialias") && instance.Int("antialias") != 0;
  return options;
}

Result<std::vector<size_t>> AxesOf(const Instance& instance) {
  const int rank = instance.input(0).shape.rank();
  std::vector<size_t> axes;
  if (instance.node().op == "Resize" && instance.HasAttribute("axes")) {
    for (int64_t given : instance.Ints("axes")) {
      ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(given, rank));
      axes.push_back(static_cast<size_t>(axis));
    }
  }
  if (axes.empty()) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), size_t{0});
  }
  return axes;
}

// Scales as fractions, which those that follow from sizes need to be.
Status SetFromSizes(const Instance& instance, const std::vector<size_t>& axes,
                    std::vector<ResampleAxis>& geometry) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> sizes, ConstantNumbers(instance, 3));
  if (sizes.size() != axes.size()) return OpContext::Unsupported("sizes do not fit the axes");
  for (size_t i = 0; i < axes.size(); ++i) {
    ResampleAxis& axis = geometry[axes[i]];
    axis.scale_numerator = sizes[i];
    axis.scale_denominator = static_cast<double>(std::max<int64_t>(1, axis.input));
  }
  const std::string policy = instance.HasAttribute("keep_aspect_ratio_policy")
                                 ? instance.String("keep_aspect_ratio_policy")
                                 : "stretch";
  if (policy == "stretch") return OkStatus();
  const auto by_scale = [&](size_t a, size_t b) {
    return geometry[a].scale() < geometry[b].scale();
  };
  const size_t deciding = policy == "not_larger" ? *std::ranges::min_element(axes, by_scale)
                                                 : *std::ranges::max_element(axes, by_scale);
  const ResampleAxis scale = geometry[deciding];
  for (size_t axis : axes) {
    geometry[axis].scale_numerator = scale.scale_numerator;
    geometry[axis].scale_denominator = scale.scale_denominator;
  }
  return OkStatus();
}

Status SetScales(const Instance& instance, const std::vector<size_t>& axes,
                 std::vector<ResampleAxis>& geometry) {
  std::vector<double> scales;
  if (instance.node().op == "Upsample" && !instance.HasInput(1)) {
    if (instance.opset() >= 7) {
      for (float scale : instance.Floats("scales")) scales.push_back(scale);
    } else {
      scales = {1, 1, instance.Float("height_scale"), instance.Float("width_scale")};
    }
  } else {
    const int input = instance.node().op == "Resize" && instance.opset() >= 11 ? 2 : 1;
    const bool given = instance.HasInput(input) && instance.input(input).shape.elements() > 0;
    if (!given) return SetFromSizes(instance, axes, geometry);
    ASSAY_ASSIGN_OR_RETURN(scales, ConstantNumbers(instance, input));
  }
  if (scales.size() != axes.size()) return OpContext::Unsupported("scales do not fit the axes");
  for (size_t i = 0; i < axes.size(); ++i) geometry[axes[i]].scale_numerator = scales[i];
  return OkStatus();
}

// Where output x lies in the input: the formulas of the ONNX standard.
double InputCoordinate(const ResampleAxis& axis, CoordinateMode mode, int64_t x) {
  const auto at = static_cast<double>(x);
  const auto output = static_cast<double>(axis.output);
  const auto input = static_cast<double>(axis.input);
  const auto unscale = [&](double value) {
    return value * axis.scale_denominator / axis.scale_numerator;
  };
  const double half_pixel = unscale(at + 0.5) - 0.5;
  switch (mode) {
    case CoordinateMode::kHalfPixel:
      return half_pixel;
    case CoordinateMode::kHalfPixelSymmetric:
      // In this order, which decides what lies on a step.
      return input / 2 * (1 - output / axis.resized_length()) + unscale(at + 0.5) - 0.5;
    case CoordinateMode::kPytorchHalfPixel:
      return axis.output > 1 ? half_pixel : 0;
    case CoordinateMode::kAlignCorners:
      return axis.output == 1 ? 0 : at * (input - 1) / (output - 1);
    case CoordinateMode::kAsymmetric:
      return unscale(at);
    case CoordinateMode::kTfHalfPixelForNn:
      return unscale(at + 0.5);
    case CoordinateMode::kTfCropAndResize:
      if (axis.output <= 1) return 0.5 * (axis.roi_begin + axis.roi_end) * (input - 1);
      return axis.roi_begin * (input - 1) +
             at * (axis.roi_end - axis.roi_begin) * (input - 1) / (output - 1);
  }
  return 0;
}

double NearestInput(double x, NearestMode mode, double scale) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return std::ceil(x - 0.5);
    case NearestMode::kRoundPreferCeil:
      return std::floor(x + 0.5);
    case NearestMode::kFloor:
      return std::floor(x);
    case NearestMode::kCeil:
      return std::ceil(x);
    case NearestMode::kCeilWhenShrinking:
      return scale < 1 ? std::ceil(x) : std::floor(x);
  }
  return x;
}

// Triangle, or Keys' cubic kernel with coefficient a.
double Weight(const ResampleOptions& options, double distance) {
  const double x = std::fabs(distance);
  if (options.interpolation == Interpolation::kLinear) return std::max(0.0, 1 - x);
  const double a = options.cubic_coefficient;
  if (x <= 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
  return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
}

void AddTaps(const ResampleAxis& geometry, const ResampleOptions& options, double x,
             ResizeAxis& axis) {
  const double shrink = options.antialias ? std::min(1.0, geometry.scale()) : 1;
  const double reach = (options.interpolation == Interpolation::kCubic ? 2 : 1) / shrink;
  const auto last = static_cast<double>(geometry.input - 1);
  std::vector<std::pair<int64_t, double>> taps;
  double sum = 0;
  for (double at = std::floor(x - reach); at <= x + reach; ++at) {
    if (options.exclude_outside && (at < 0 || at > last)) continue;
    const double weight = Weight(options, (at - x) * shrink);
    if (weight == 0) continue;
    taps.emplace_back(static_cast<int64_t>(std::clamp(at, 0.0, last)), weight);
    sum += weight;
  }
  const bool normalise = sum != 0 && (options.antialias || options.exclude_outside);
  for (const auto& [index, weight] : taps) {
    axis.index.push_back(index);
    axis.weight.push_back(static_cast<float>(normalise ? weight / sum : weight));
  }
}

ResizeAxis MakeAxis(const ResampleAxis& geometry, const ResampleOptions& options) {
  ResizeAxis axis = {.input = geometry.input, .output = geometry.output};
  axis.is_identity = axis.input == axis.output;
  const auto last = static_cast<double>(geometry.input - 1);
  for (int64_t at = 0; at < axis.output; ++at) {
    const size_t begin = axis.index.size();
    axis.first.push_back(begin);
    const double x = InputCoordinate(geometry, options.coordinates, at);
    const bool outside =
        options.coordinates == CoordinateMode::kTfCropAndResize && !(x >= 0 && x <= last);
    axis.outside.push_back(outside ? 1 : 0);
    axis.has_outside = axis.has_outside || outside;
    if (outside) {
      axis.index.push_back(0);
      axis.weight.push_back(1);
    } else if (options.interpolation == Interpolation::kNearest) {
      const double index = NearestInput(x, options.nearest, geometry.scale());
      axis.index.push_back(static_cast<int64_t>(std::clamp(index, 0.0, last)));
      axis.weight.push_back(1);
    } else {
      AddTaps(geometry, options, x, axis);
    }
    axis.is_identity = axis.is_identity && !outside && axis.index.size() == begin + 1 &&
                       axis.index[begin] == at && axis.weight[begin] == 1;
  }
  axis.first.push_back(axis.index.size());
  return axis;
}

}  // namespace

Result<ResizePlan> PlanResize(const Instance& instance) {
  const Shape& from = instance.input(0).shape;
  const Shape& to = instance.output(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const ResampleOptions options, OptionsOf(instance));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<size_t> axes, AxesOf(instance));
  std::vector<ResampleAxis> geometry(static_cast<size_t>(from.rank()));
  for (size_t i = 0; i < geometry.size(); ++i) {
    geometry[i].input = from.dims()[i];
    geometry[i].output = to.dims()[i];
    const bool is_empty = geometry[i].input == 0 && geometry[i].output > 0;
    if (is_empty || geometry[i].output > kMostExtent || geometry[i].input > kMostExtent) {
      return OpContext::Unsupported("an extent is empty or too large");
    }
  }
  ASSAY_RETURN_IF_ERROR(SetScales(instance, axes, geometry));
  if (options.coordinates == CoordinateMode::kTfCropAndResize) {
    ASSAY_ASSIGN_OR_RETURN(const std::vector<double> roi, ConstantNumbers(instance, 1));
    if (roi.size() != 2 * axes.size()) return OpContext::Unsupported("roi does not fit the axes");
    for (size_t i = 0; i < axes.size(); ++i) {
      geometry[axes[i]].roi_begin = roi[i];
      geometry[axes[i]].roi_end = roi[axes.size() + i];
    }
  }
  ResizePlan plan;
  plan.interpolation = options.interpolation;
  plan.extrapolation_value = static_cast<float>(options.extrapolation_value);
  for (const ResampleAxis& axis : geometry) {
    // An antialiased axis has as many taps as the input has elements per output, and more.
    if (axis.scale() <= 0 || 8 / std::min(1.0, axis.scale()) > static_cast<double>(kMostExtent)) {
      if (axis.output > 0) return OpContext::Unsupported("a scale is out of range");
    }
    plan.axes.push_back(MakeAxis(axis, options));
  }
  return plan;
}

}  // namespace assay
