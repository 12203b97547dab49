#include "ops/resampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/data_movement.h"
#include "ops/op_context.h"
#include "ops/saturate.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

template <typename Mode>
struct Spelling {
  std::string_view text;
  Mode mode;
};

template <typename Mode, size_t N>
Result<Mode> Parse(std::string_view attribute, std::string_view text,
                   const Spelling<Mode> (&spellings)[N]) {
  std::string expected;
  for (const Spelling<Mode>& spelling : spellings) {
    if (spelling.text == text) return spelling.mode;
    expected += (expected.empty() ? "" : ", ") + std::string(spelling.text);
  }
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected one of {}, got \"{}\"", attribute, expected, text));
}

// Bounds the tables of hostile sizes.
constexpr int64_t kMaxResampledExtent = int64_t{1} << 26;

// Weighted input elements of every output element along one axis.
struct AxisTable {
  std::vector<size_t> first;  // of output i: taps [first[i], first[i + 1])
  std::vector<int64_t> index;
  std::vector<double> weight;
  std::vector<char> outside;  // lies outside the region of interest
  bool identity = true;

  int64_t outputs() const { return static_cast<int64_t>(outside.size()); }
};

double OriginalCoordinate(const ResampleAxis& axis, CoordinateMode mode, double x) {
  const auto divide = [&](double value) {
    return value * axis.scale_denominator / axis.scale_numerator;
  };
  const double length = static_cast<double>(axis.output);
  const double last = static_cast<double>(axis.input - 1);
  switch (mode) {
    case CoordinateMode::kHalfPixel:
      return divide(x + 0.5) - 0.5;
    case CoordinateMode::kHalfPixelSymmetric: {
      const double adjustment = length / axis.resized_length();
      const double offset = static_cast<double>(axis.input) / 2 * (1 - adjustment);
      return offset + divide(x + 0.5) - 0.5;
    }
    case CoordinateMode::kPytorchHalfPixel:
      return length > 1 ? divide(x + 0.5) - 0.5 : 0;
    case CoordinateMode::kAlignCorners:
      return length == 1 ? 0 : x * last / (length - 1);
    case CoordinateMode::kAsymmetric:
      return divide(x);
    case CoordinateMode::kTfHalfPixelForNn:
      return divide(x + 0.5);
    case CoordinateMode::kTfCropAndResize:
      return length > 1
                 ? axis.roi_begin * last + x * (axis.roi_end - axis.roi_begin) * last / (length - 1)
                 : 0.5 * (axis.roi_begin + axis.roi_end) * last;
  }
  return 0;
}

double NearestIndex(double x, NearestMode mode, bool shrinks) {
  const double below = std::floor(x);
  const double rest = x - below;
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return rest > 0.5 ? below + 1 : below;
    case NearestMode::kRoundPreferCeil:
      return rest >= 0.5 ? below + 1 : below;
    case NearestMode::kFloor:
      return below;
    case NearestMode::kCeil:
      return std::ceil(x);
    case NearestMode::kCeilWhenShrinking:
      return shrinks ? std::ceil(x) : below;
  }
  return below;
}

// Keys' cubic convolution kernel with coefficient a (IEEE Trans. ASSP 29, 1981, equation 4).
double CubicWeight(double distance, double a) {
  const double x = std::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

void AddWeightedTaps(const ResampleAxis& axis, const ResampleOptions& options, double x,
                     AxisTable& table) {
  const bool cubic = options.interpolation == Interpolation::kCubic;
  const double stretch = options.antialias ? std::min(axis.scale(), 1.0) : 1.0;
  const double reach = (cubic ? 2.0 : 1.0) / stretch;
  const size_t begin = table.index.size();
  double sum = 0;
  for (double at = std::floor(x - reach); at <= x + reach; ++at) {
    const bool inside = at >= 0 && at < static_cast<double>(axis.input);
    if (!inside && options.exclude_outside) continue;
    const double distance = (at - x) * stretch;
    const double weight = cubic ? CubicWeight(distance, options.cubic_coefficient)
                                : std::max(0.0, 1 - std::fabs(distance));
    if (weight == 0) continue;
    table.index.push_back(
        static_cast<int64_t>(std::clamp(at, 0.0, static_cast<double>(axis.input - 1))));
    table.weight.push_back(weight);
    sum += weight;
  }
  if (sum == 0 || !(options.antialias || options.exclude_outside)) return;
  for (size_t i = begin; i < table.weight.size(); ++i) table.weight[i] /= sum;
}

AxisTable MakeTable(const ResampleAxis& axis, const ResampleOptions& options) {
  AxisTable table;
  const double last = static_cast<double>(axis.input - 1);
  for (int64_t at = 0; at < axis.output; ++at) {
    table.first.push_back(table.index.size());
    const double x = OriginalCoordinate(axis, options.coordinates, static_cast<double>(at));
    const bool outside =
        options.coordinates == CoordinateMode::kTfCropAndResize && !(x >= 0 && x <= last);
    table.outside.push_back(outside ? 1 : 0);
    const size_t begin = table.index.size();
    if (outside) {
      table.index.push_back(0);
      table.weight.push_back(1);
    } else if (options.interpolation == Interpolation::kNearest) {
      const double index = NearestIndex(x, options.nearest, axis.scale() < 1);
      table.index.push_back(static_cast<int64_t>(std::clamp(index, 0.0, last)));
      table.weight.push_back(1);
    } else {
      AddWeightedTaps(axis, options, x, table);
    }
    table.identity = table.identity && !outside && table.index.size() == begin + 1 &&
                     table.index[begin] == at && table.weight[begin] == 1;
  }
  table.first.push_back(table.index.size());
  table.identity = table.identity && axis.output == axis.input;
  return table;
}

// Rows of the pass along `axis`: (outer, extent, inner).
struct Rows {
  int64_t outer = 1;
  int64_t inner = 1;
};

Rows RowsAlong(const Shape& shape, int axis) {
  return {shape.elements(0, axis), shape.elements(axis + 1, shape.rank())};
}

Tensor InterpolateAlong(const Tensor& input, int axis, const AxisTable& table,
                        ThreadPool& threads) {
  Shape shape = input.shape();
  const int64_t extent = shape[axis];
  const Rows rows = RowsAlong(shape, axis);
  shape[axis] = table.outputs();
  Tensor output = Tensor::Allocate(DType::kFloat64, shape);
  const double* in = input.data<double>().data();
  double* out = output.mutable_data<double>().data();
  const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 13) / std::max<int64_t>(1, rows.inner));
  threads.ParallelFor(rows.outer * table.outputs(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t plane = row / table.outputs();
      const auto at = static_cast<size_t>(row % table.outputs());
      double* to = out + row * rows.inner;
      for (size_t tap = table.first[at]; tap < table.first[at + 1]; ++tap) {
        const double* from = in + (plane * extent + table.index[tap]) * rows.inner;
        const double weight = table.weight[tap];
        if (tap == table.first[at]) {
          for (int64_t i = 0; i < rows.inner; ++i) to[i] = weight * from[i];
        } else {
          for (int64_t i = 0; i < rows.inner; ++i) to[i] += weight * from[i];
        }
      }
    }
  });
  return output;
}

Tensor PickAlong(const Tensor& input, int axis, const AxisTable& table) {
  Shape shape = input.shape();
  const int64_t extent = shape[axis];
  const Rows rows = RowsAlong(shape, axis);
  shape[axis] = table.outputs();
  const ElementBuffer source(input);
  ElementBuffer result(input.dtype(), shape);
  for (int64_t row = 0; row < rows.outer * table.outputs(); ++row) {
    const int64_t index = table.index[static_cast<size_t>(row % table.outputs())];
    result.Copy(row * rows.inner, source, (row / table.outputs() * extent + index) * rows.inner,
                rows.inner);
  }
  return result.Finish();
}

// Overwrites what lies outside the region of interest along any axis.
template <typename T>
void Extrapolate(std::span<T> data, const Shape& shape, const std::vector<AxisTable>& tables,
                 T value) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const AxisTable& table = tables[static_cast<size_t>(axis)];
    const Rows rows = RowsAlong(shape, axis);
    for (int64_t row = 0; row < rows.outer * table.outputs(); ++row) {
      if (table.outside[static_cast<size_t>(row % table.outputs())] == 0) continue;
      std::fill_n(data.begin() + row * rows.inner, rows.inner, value);
    }
  }
}

// Rounds to nearest, ties to even, and saturates.
Tensor RoundToIntegers(const Tensor& doubles, DType dtype) {
  Tensor result = Tensor::Allocate(dtype, doubles.shape());
  const std::span<const double> in = doubles.data<double>();
  DispatchInteger(dtype, [&]<typename T>() {
    const std::span<T> out = result.mutable_data<T>();
    for (size_t i = 0; i < in.size(); ++i) out[i] = SaturateTo<T>(std::nearbyint(in[i]));
  });
  return result;
}

bool HasWideNumbers(DType dtype) {
  return dtype == DType::kFloat64 || (IsInteger(dtype) && DTypeBits(dtype) >= 8);
}

}  // namespace

Result<Interpolation> ParseInterpolation(std::string_view text) {
  return Parse<Interpolation>("mode", text,
                              {{"nearest", Interpolation::kNearest},
                               {"linear", Interpolation::kLinear},
                               {"bilinear", Interpolation::kLinear},
                               {"cubic", Interpolation::kCubic}});
}

Result<CoordinateMode> ParseCoordinateMode(std::string_view text) {
  return Parse<CoordinateMode>("coordinate_transformation_mode", text,
                               {{"half_pixel", CoordinateMode::kHalfPixel},
                                {"half_pixel_symmetric", CoordinateMode::kHalfPixelSymmetric},
                                {"pytorch_half_pixel", CoordinateMode::kPytorchHalfPixel},
                                {"align_corners", CoordinateMode::kAlignCorners},
                                {"asymmetric", CoordinateMode::kAsymmetric},
                                {"tf_half_pixel_for_nn", CoordinateMode::kTfHalfPixelForNn},
                                {"tf_crop_and_resize", CoordinateMode::kTfCropAndResize}});
}

Result<NearestMode> ParseNearestMode(std::string_view text) {
  return Parse<NearestMode>("nearest_mode", text,
                            {{"round_prefer_floor", NearestMode::kRoundPreferFloor},
                             {"round_prefer_ceil", NearestMode::kRoundPreferCeil},
                             {"floor", NearestMode::kFloor},
                             {"ceil", NearestMode::kCeil}});
}

Dim ScaledExtent(const Dim& input, float scale) {
  if (input.IsKnown()) {
    const float product = static_cast<float>(input.value()) * scale;
    // What is too large stays too large for every later check.
    constexpr int64_t kTooLarge = int64_t{1} << 62;
    if (product >= static_cast<float>(kTooLarge)) return kTooLarge;
    return static_cast<int64_t>(std::floor(product));
  }
  if (scale >= 1 && scale == std::floor(scale)) return input * Dim(static_cast<int64_t>(scale));
  const float inverse = 1 / scale;
  int exponent = 0;
  if (scale < 1 && std::frexp(scale, &exponent) == 0.5F) {
    return FloorDivide(input, Dim(static_cast<int64_t>(inverse)));
  }
  return Dim::Unknown();
}

Status CheckScales(std::span<const float> scales) {
  for (float scale : scales) {
    // Far beyond any picture, and far from the end of int64.
    if (scale > 1e-9F && scale < 1e9F) continue;
    return OpContext::Invalid(
        fmt::format("scales: expected positive numbers of reasonable size, got {}", scale));
  }
  return OkStatus();
}

Result<Tensor> Resample(const Tensor& input, std::span<const ResampleAxis> axes,
                        const ResampleOptions& options, ThreadPool& threads) {
  const bool nearest = options.interpolation == Interpolation::kNearest;
  if (!nearest && !HasWideNumbers(input.dtype())) {
    return OpContext::Unsupported(
        fmt::format("interpolation of {} elements", DTypeName(input.dtype())));
  }
  std::vector<AxisTable> tables;
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    if (axes[axis].output > kMaxResampledExtent) {
      return OpContext::Invalid(fmt::format("axis {}: expected an output of at most {}, got {}",
                                            axis, kMaxResampledExtent, axes[axis].output));
    }
    if (axes[axis].input == 0 && axes[axis].output > 0) {
      return OpContext::Invalid(
          fmt::format("axis {}: expected at least one element to resize to {}, got none", axis,
                      axes[axis].output));
    }
    tables.push_back(MakeTable(axes[axis], options));
  }
  const bool as_doubles = input.dtype() == DType::kFloat64 || !nearest;
  Tensor result = input;
  if (as_doubles && input.dtype() != DType::kFloat64) {
    ASSAY_ASSIGN_OR_RETURN(result, ConvertTensor(input, DType::kFloat64));
  }
  bool outside = false;
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    const AxisTable& table = tables[axis];
    outside =
        outside || std::find(table.outside.begin(), table.outside.end(), 1) != table.outside.end();
    if (table.identity) continue;
    result = as_doubles ? InterpolateAlong(result, static_cast<int>(axis), table, threads)
                        : PickAlong(result, static_cast<int>(axis), table);
  }
  if (as_doubles && outside) {
    Extrapolate(result.mutable_data<double>(), result.shape(), tables, options.extrapolation_value);
  }
  if (as_doubles && input.dtype() != DType::kFloat64) {
    return RoundToIntegers(result, input.dtype());
  }
  if (!as_doubles && outside) {
    const bool known = DispatchInteger(input.dtype(), [&]<typename T>() {
      Extrapolate(result.mutable_data<T>(), result.shape(), tables,
                  SaturateTo<T>(options.extrapolation_value));
    });
    if (!known) {
      return OpContext::Unsupported(
          fmt::format("extrapolation of {} elements", DTypeName(input.dtype())));
    }
  }
  return result;
}

}  // namespace assay
