#pragma once

#include <cstdint>

#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/kernels/kernel_set.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay {

// Gathers the matrix of a convolution whose columns are output positions and whose rows are
// (channel, tap), in panels of `tile` columns as the product kernels want them. Where a panel's
// elements lie is worked out once and serves all channels.
class WindowGather {
 public:
  WindowGather() = default;
  WindowGather(const ConvolutionGeometry& geometry, int64_t tile, const WindowKernels& kernels);

  // Bytes that the runs of `panels` panels need.
  size_t RunBytes(int64_t panels) const;

  // The runs of some neighbouring panels, in memory of RunBytes.
  class Panels {
   public:
    // For output positions [column, column + columns).
    Panels(const WindowGather& gather, int64_t column, int64_t columns, std::byte* memory);
    // Rows [begin, begin + depth) of the matrix of one image and group, whose input planes begin at
    // `input`, as [panel][row][tile].
    void Gather(const float* input, int64_t begin, int64_t depth, float* packed) const;

   private:
    void AddTap(int64_t tap_z, int64_t tap_y, int64_t tap_x, int64_t first, int64_t count);
    void Add(int64_t source, int64_t lane, int64_t count);

    const WindowGather& gather_;
    int64_t panels_;
    GatherRun* runs_;
    int32_t* tap_runs_;
    int32_t run_count_ = 0;
  };

 private:
  int64_t MostRuns() const;  // of a panel

  ConvolutionGeometry geometry_;
  int64_t tile_ = 1;
  const WindowKernels* kernels_ = nullptr;
};

}  // namespace assay
