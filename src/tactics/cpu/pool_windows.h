#pragma once

#include <vector>

#include "tactics/cpu/convolution_geometry.h"

namespace assay {

// A pooling's window along one axis.
struct PoolWindow {
  WindowExtent extent;
  int64_t pad_end = 0;

  // Taps [first, last) of output `at` that lie inside the input.
  int64_t FirstTap(int64_t at) const {
    const int64_t origin = at * extent.stride - extent.pad;
    return origin >= 0 ? 0 : (-origin + extent.dilation - 1) / extent.dilation;
  }
  int64_t LastTap(int64_t at) const {
    const int64_t origin = at * extent.stride - extent.pad;
    if (origin >= extent.input) return 0;
    const int64_t last = (extent.input - 1 - origin) / extent.dilation + 1;
    return last < extent.kernel ? last : extent.kernel;
  }
  // Elements from the first to behind the last one that windows of `outputs` outputs cover.
  int64_t Reach(int64_t outputs) const {
    return (outputs - 1) * extent.stride + (extent.kernel - 1) * extent.dilation + 1;
  }
};

// One window per spatial axis of a pooling node, whose input 0 is (N, C, spatial...).
Result<std::vector<PoolWindow>> PoolWindowsOf(const Instance& instance);

// For every output along an axis the taps that count for its average: those inside the input, with
// `include_pad` those in its padding too.
std::vector<float> TapCounts(const PoolWindow& window, bool include_pad);

}  // namespace assay
