#pragma once

#include <cstdint>
#include <vector>

#include "ops/window.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/kernels/window_kernels.h"
#include "tactics/tactic.h"

namespace assay {

// A ConvTranspose as products whose results are added up into pieces of the output.
struct TransposedProduct {
  int64_t batch = 0;
  int64_t groups = 0;
  int64_t channels = 0;  // per group
  int64_t filters = 0;   // per group
  // Windows that move over the output; `output` counts the elements of the input.
  WindowAxis depth = {.input = 1, .output = 1};
  WindowAxis height = {.input = 1, .output = 1};
  WindowAxis width;
  const KernelSet* kernels = nullptr;
  const WindowKernels* windows = nullptr;
  // Few rows are summed channel by channel from the input as it is; offsets of its channels.
  std::vector<int64_t> channel_offsets;
  Epilogue epilogue;
  int64_t block_filters = 0;
  int64_t blocks = 0;
  int64_t block_floats = 0;  // of a packed block of filters
  int64_t band_rows = 0;     // of the output, whole slices of those with a depth
  int64_t bands = 0;
  int64_t chunk_columns = 0;
  int64_t right_floats = 0;
  int64_t scratch_floats = 0;  // per slot
  bool covers_output = false;  // every element of it is written by Interleave
  bool doubles_rows = false;   // windows of two columns that lie side by side

  bool IsDirect() const { return !channel_offsets.empty(); }
  int64_t taps() const { return depth.kernel * height.kernel * width.kernel; }
  int64_t block_rows() const { return block_filters * taps(); }
  int64_t input_plane() const { return depth.output * height.output * width.output; }
  int64_t output_plane() const { return output_rows() * width.input; }
  int64_t output_rows() const { return depth.input * height.input; }
};

// Makes piece `index` of batch * groups * blocks * bands. `scratch` has scratch_floats.
void MakeTransposedPiece(const TransposedProduct& state, const Call& call, int64_t index,
                         float* scratch);

}  // namespace assay
