#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/dim.h"
#include "tensor/tensor.h"

namespace assay {

enum class Interpolation { kNearest, kLinear, kCubic };

// How a coordinate of the resized axis maps to the original one; formulas in the description of
// Resize in the ONNX standard. Its length_resized is the extent of the output, as the text says and
// as PyTorch has it; two of the standard's examples (a scale of 0.6 or 0.8 under align_corners)
// take the unrounded product instead.
enum class CoordinateMode {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfHalfPixelForNn,
  kTfCropAndResize,
};

enum class NearestMode {
  kRoundPreferFloor,
  kRoundPreferCeil,
  kFloor,
  kCeil,
  // Before coordinate modes existed: down when enlarging, up when shrinking.
  kCeilWhenShrinking,
};

// The attribute's spelling; an error names the attribute and what it permits.
Result<Interpolation> ParseInterpolation(std::string_view text);
Result<CoordinateMode> ParseCoordinateMode(std::string_view text);
Result<NearestMode> ParseNearestMode(std::string_view text);

struct ResampleOptions {
  Interpolation interpolation = Interpolation::kNearest;
  CoordinateMode coordinates = CoordinateMode::kHalfPixel;
  NearestMode nearest = NearestMode::kRoundPreferFloor;
  double cubic_coefficient = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
  double extrapolation_value = 0;
};

// One axis. The scale is a fraction, so that a scale that follows from two sizes is exact.
struct ResampleAxis {
  int64_t input = 1;
  int64_t output = 1;
  double scale_numerator = 1;
  double scale_denominator = 1;
  double roi_begin = 0;
  double roi_end = 1;

  double scale() const { return scale_numerator / scale_denominator; }
  // Length of the resized axis before it is rounded to `output`.
  double resized_length() const {
    return static_cast<double>(input) * scale_numerator / scale_denominator;
  }
};

// Extent of an axis after scaling: floor(input * scale), the product taken in float32 as the type
// of scales suggests and as runtimes do. An unknown extent where a symbolic one has no simple
// formula.
Dim ScaledExtent(const Dim& input, float scale);
// Errors: kInvalidInput unless every scale is a positive number and no product is out of range.
Status CheckScales(std::span<const float> scales);

// Resizes a tensor, one ResampleAxis per axis. Nearest takes every element type; linear and cubic
// take float64 and integers, which they round to nearest and hold inside their range. Errors:
// kInvalidInput for an empty axis that should grow, kUnsupported for element types.
Result<Tensor> Resample(const Tensor& input, std::span<const ResampleAxis> axes,
                        const ResampleOptions& options, ThreadPool& threads);

}  // namespace assay
