#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "ops/window.h"

namespace assay {

// Walks one plane under one tap of a window, output row by output row.
class TapWalk {
 public:
  // Positions [begin, end) of an output row.
  struct Range {
    int64_t begin = 0;
    int64_t end = 0;
  };

  // `tap` is a row-major index into the kernel.
  TapWalk(std::span<const WindowAxis> axes, int64_t tap) : axes_(axes) {
    for (size_t axis = axes.size(); axis-- > 0;) {
      taps_[axis] = tap % axes[axis].kernel;
      tap /= axes[axis].kernel;
    }
    const WindowAxis& last = axes.back();
    const int64_t shift = -first();
    inside_.begin = shift <= 0 ? 0 : (shift + last.stride - 1) / last.stride;
    inside_.end = last.input - 1 + shift < 0 ? 0 : (last.input - 1 + shift) / last.stride + 1;
    inside_.end = std::min(inside_.end, last.output);
    inside_.begin = std::min(inside_.begin, inside_.end);
  }

  // Input offset of the row that output row `row` (row-major over all axes but the last) lies
  // over; nullopt if it lies in the padding.
  std::optional<int64_t> InputRow(int64_t row) const {
    int64_t offset = 0;
    int64_t scale = axes_.back().input;
    for (size_t axis = axes_.size() - 1; axis-- > 0;) {
      const WindowAxis& a = axes_[axis];
      const int64_t index = a.InputIndex(row % a.output, taps_[axis]);
      row /= a.output;
      if (index < 0 || index >= a.input) return std::nullopt;
      offset += index * scale;
      scale *= a.input;
    }
    return offset;
  }

  // The positions of a row that lie inside the input row.
  Range inside() const { return inside_; }
  // Index in the input row under position 0; the next positions follow by the stride.
  int64_t first() const { return axes_.back().InputIndex(0, taps_[axes_.size() - 1]); }

 private:
  std::span<const WindowAxis> axes_;
  std::array<int64_t, kMaxWindowRank> taps_{};
  Range inside_;
};

}  // namespace assay
