#pragma once

#include <array>
#include <cstdint>

#include "tactics/tactic.h"

namespace assay {

// One axis of a window with its padding resolved.
struct WindowExtent {
  int64_t input = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad = 0;  // before the first element
  int64_t output = 1;

  // Outputs [first, last) whose tap `tap` lies inside the input.
  int64_t FirstInside(int64_t tap) const {
    const int64_t offset = pad - tap * dilation;
    return offset <= 0 ? 0 : (offset + stride - 1) / stride;
  }
  int64_t LastInside(int64_t tap) const {
    const int64_t room = input - 1 + pad - tap * dilation;
    const int64_t last = room < 0 ? 0 : room / stride + 1;
    return last < output ? last : output;
  }
};

// A convolution in N, C, depth, height, width; with fewer axes the first of these are 1.
struct ConvolutionGeometry {
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;  // of the input, per group
  int64_t filters = 0;   // per group
  WindowExtent depth;
  WindowExtent height;
  WindowExtent width;

  int64_t input_plane() const { return depth.input * height.input * width.input; }
  int64_t output_plane() const { return depth.output * height.output * width.output; }
  int64_t taps() const { return depth.kernel * height.kernel * width.kernel; }
  bool IsPointwise() const {
    return taps() == 1 && IsWhole(depth) && IsWhole(height) && IsWhole(width);
  }

 private:
  static bool IsWhole(const WindowExtent& e) {
    return e.stride == 1 && e.pad == 0 && e.input == e.output;
  }
};

// Reads the geometry of Conv (and of fused forms with the same attributes) from an instance whose
// input 0 is (N, C, [[D,] H,] W) and input `filters` the filters; a reason if it has more spatial
// axes than `most_axes` of these three.
Support ReadConvolution(const Instance& instance, int most_axes, ConvolutionGeometry* geometry,
                        int filters = 1);

}  // namespace assay
