#pragma once

#include <array>
#include <cstdint>

#include "tactics/tactic.h"

namespace assay {

// One axis of a two-dimensional window with its padding resolved.
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

// A two-dimensional convolution in NCHW; one-dimensional ones have height 1.
struct ConvolutionGeometry {
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;  // of the input, per group
  int64_t filters = 0;   // per group
  WindowExtent height;
  WindowExtent width;

  int64_t input_plane() const { return height.input * width.input; }
  int64_t output_plane() const { return height.output * width.output; }
  int64_t taps() const { return height.kernel * width.kernel; }
  bool IsPointwise() const {
    return taps() == 1 && height.stride == 1 && width.stride == 1 && height.pad == 0 &&
           width.pad == 0 && height.input == height.output && width.input == width.output;
  }
};

// Reads the geometry of Conv (and of fused forms with the same attributes) from an instance whose
// input 0 is (N, C, [H,] W) and input 1 the filters; a reason if it has more spatial axes.
Support ReadConvolution(const Instance& instance, ConvolutionGeometry* geometry);

}  // namespace assay
