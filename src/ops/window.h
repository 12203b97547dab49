#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "ir/dim.h"
#include "ops/op_context.h"

namespace assay {

// Most spatial axes that a sliding window may have.
inline constexpr int kMaxWindowRank = 8;

enum class AutoPad { kNotSet, kSameUpper, kSameLower, kValid };

// The attributes that convolutions and poolings share, filled up to one entry per spatial axis.
struct WindowAttributes {
  std::vector<int64_t> kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads;  // begins, then ends
  AutoPad auto_pad = AutoPad::kNotSet;
  bool ceil_mode = false;
};

// A window along one axis, with all automatic padding resolved.
struct WindowAxis {
  int64_t input = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
  int64_t output = 0;

  // Input index under tap `tap` of output `at`; outside [0, input) in the padding.
  int64_t InputIndex(int64_t at, int64_t tap) const {
    return at * stride - pad_begin + tap * dilation;
  }
};

// Reads strides, dilations, pads, auto_pad, ceil_mode and kernel_shape, as far as the node has
// them. `kernel` is the extent that the weights give and must then agree with kernel_shape; empty:
// kernel_shape alone says. Errors: kInvalidInput for lists of the wrong length and for values out
// of range.
Result<WindowAttributes> ReadWindowAttributes(const OpContext& context, int spatial_rank,
                                              std::span<const int64_t> kernel = {});

// Number of windows along axis `axis` of an input with extent `input`. An unknown extent for a
// symbolic input whose formula has a case distinction.
Dim WindowCount(const WindowAttributes& attributes, size_t axis, const Dim& input);
// The same, or kInvalidInput if not one window fits into the padded input.
Result<Dim> InferWindowCount(const WindowAttributes& attributes, size_t axis, const Dim& input);

// One WindowAxis per spatial axis. Errors: kInvalidInput if a window does not fit into the padded
// input.
Result<std::vector<WindowAxis>> ResolveWindow(const WindowAttributes& attributes,
                                              std::span<const int64_t> inputs);

// The offsets that windows over a dense row-major plane touch.
class WindowWalk {
 public:
  explicit WindowWalk(std::span<const WindowAxis> axes) : axes_(axes.begin(), axes.end()) {}

  int64_t input_count() const { return Product(&WindowAxis::input); }
  int64_t output_count() const { return Product(&WindowAxis::output); }
  int64_t kernel_count() const { return Product(&WindowAxis::kernel); }
  std::span<const WindowAxis> axes() const { return axes_; }

  // Calls visit(input_offset) for every tap of window `output` (row-major index) that lies inside
  // the input, in row-major order of the taps.
  template <typename Visit>
  void ForEachTap(int64_t output, Visit&& visit) const {
    const auto rank = axes_.size();
    std::array<int64_t, kMaxWindowRank> begin{};
    std::array<int64_t, kMaxWindowRank> end{};
    std::array<int64_t, kMaxWindowRank> origin{};
    for (size_t axis = rank; axis-- > 0;) {
      const WindowAxis& a = axes_[axis];
      origin[axis] = a.InputIndex(output % a.output, 0);
      output /= a.output;
      begin[axis] = origin[axis] >= 0 ? 0 : (-origin[axis] + a.dilation - 1) / a.dilation;
      end[axis] = origin[axis] >= a.input
                      ? 0
                      : std::min(a.kernel, (a.input - 1 - origin[axis]) / a.dilation + 1);
      if (begin[axis] >= end[axis]) return;
    }
    std::array<int64_t, kMaxWindowRank> tap = begin;
    const size_t last = rank - 1;
    for (;;) {
      int64_t offset = 0;
      for (size_t axis = 0; axis < last; ++axis) {
        offset = (offset + origin[axis] + tap[axis] * axes_[axis].dilation) * axes_[axis + 1].input;
      }
      for (int64_t t = begin[last]; t < end[last]; ++t) {
        visit(offset + origin[last] + t * axes_[last].dilation);
      }
      size_t axis = last;
      while (axis-- > 0 && ++tap[axis] == end[axis]) tap[axis] = begin[axis];
      if (axis == static_cast<size_t>(-1)) return;
    }
  }

  // Taps of window `output` that lie inside the input or its padding.
  int64_t PaddedTapCount(int64_t output) const;

 private:
  int64_t Product(int64_t WindowAxis::*extent) const {
    int64_t product = 1;
    for (const WindowAxis& axis : axes_) product *= axis.*extent;
    return product;
  }

  std::vector<WindowAxis> axes_;
};

}  // namespace assay
