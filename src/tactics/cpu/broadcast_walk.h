#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "tensor/shape.h"

namespace assay {

// Runs along the innermost axis of an output with the matching places of up to three operands that
// are broadcast to it. Neighbouring axes along which every operand goes on evenly are one, so that
// runs are as long as they can be.
class BroadcastWalk {
 public:
  static constexpr size_t kMostOperands = 3;
  static constexpr size_t kMostAxes = 8;

  // nullopt if more axes remain than kMostAxes. Operands are aligned at the last axis.
  static std::optional<BroadcastWalk> Of(const Shape& output, std::span<const Shape> operands);

  // Calls body(at, count, offsets, steps): output elements [at, at + count), operand i from
  // offsets[i] on in steps of steps[i], 0 or 1.
  template <typename Body>
  void ForEachRun(int64_t begin, int64_t end, Body&& body) const {
    if (begin >= end) return;
    const int64_t inner = extents_[rank_ - 1];
    const Offsets& steps = strides_[rank_ - 1];
    std::array<int64_t, kMostAxes> index = {};
    Offsets row = {};
    int64_t rest = begin / inner;
    for (size_t axis = rank_ - 1; axis-- > 0;) {
      index[axis] = rest % extents_[axis];
      rest /= extents_[axis];
      for (size_t i = 0; i < kMostOperands; ++i) row[i] += index[axis] * strides_[axis][i];
    }
    int64_t column = begin % inner;
    while (begin < end) {
      const int64_t count = std::min(end - begin, inner - column);
      Offsets offsets = row;
      for (size_t i = 0; i < kMostOperands; ++i) offsets[i] += column * steps[i];
      body(begin, count, offsets, steps);
      begin += count;
      column = 0;
      NextRow(index, row);
    }
  }

 private:
  using Offsets = std::array<int64_t, kMostOperands>;

  void NextRow(std::array<int64_t, kMostAxes>& index, Offsets& row) const {
    for (size_t axis = rank_ - 1; axis-- > 0;) {
      for (size_t i = 0; i < kMostOperands; ++i) row[i] += strides_[axis][i];
      if (++index[axis] < extents_[axis]) return;
      for (size_t i = 0; i < kMostOperands; ++i) row[i] -= extents_[axis] * strides_[axis][i];
      index[axis] = 0;
    }
  }

  size_t rank_ = 1;
  std::array<int64_t, kMostAxes> extents_ = {1};
  std::array<Offsets, kMostAxes> strides_ = {};  // in elements, axis by axis
};

}  // namespace assay
