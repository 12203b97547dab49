#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// What happens to the sum of a window: min(max(sum + bias, low), high); NaN stays.
struct WindowFinish {
  float bias;
  float low;
  float high;
};

// Consecutive lanes of a gathered row: `count` of them from `lane` on, from elements source, source
// + step, ... of a plane, or zeros where `source` is negative.
struct GatherRun {
  int64_t source;
  int32_t lane;
  int32_t count;
};

// What to gather: row k of the result takes the runs [tap_runs[t], tap_runs[t + 1]) of tap t = k %
// taps from plane k / taps. The runs of a tap are in the order of their lanes and cover `width`.
struct GatherPanel {
  const float* planes;
  int64_t plane_floats;
  int64_t step;
  const GatherRun* runs;
  const int32_t* tap_runs;
  int64_t taps;
  int64_t width;  // of a row of the result, at most kMaxTileColumns
};

// A row of windows of blocked channels, one vector of channels per place. Tap (y, x) of output i is
// at plane[offset + i * step + y * row_step + x * column_step], its weights at
// weights[(y * columns + x) * lanes]; only taps [row_begin, row_end) and [column_begin, column_end)
// lie inside the input.
struct BlockedWindows {
  const float* plane;
  int64_t offset;
  int64_t step;
  int64_t row_step;
  int64_t column_step;
  const float* weights;
  int64_t columns;
  int64_t row_begin;
  int64_t row_end;
  int64_t column_begin;
  int64_t column_end;
  const float* bias;  // one per lane
  float low;
  float high;
};

// Inner loops over windows whose rows lie at constant offsets from each other.
struct WindowKernels {
  int lanes;  // floats of a vector: the least `count` of the functions below

  // out[i] = finish(sum over t of weights[t] * in[offsets[t] + i]) in sums of at most 128 products.
  void (*weigh_taps)(const float* in, const int64_t* offsets, const float* weights, int64_t taps,
                     int64_t count, const WindowFinish& finish, float* out);
  // The same for dense square windows that move by one: `rows` rows of `count` outputs,
  // out_pitch apart, over rows of the input that lie in_pitch apart.
  void (*weigh_3x3)(const float* in, int64_t in_pitch, const float* weights, int64_t rows,
                    int64_t count, const WindowFinish& finish, float* out, int64_t out_pitch);
  void (*weigh_5x5)(const float* in, int64_t in_pitch, const float* weights, int64_t rows,
                    int64_t count, const WindowFinish& finish, float* out, int64_t out_pitch);
  void (*weigh_7x7)(const float* in, int64_t in_pitch, const float* weights, int64_t rows,
                    int64_t count, const WindowFinish& finish, float* out, int64_t out_pitch);

  // `count` outputs, one vector each: min(max(sum + bias, low), high). At most 128 taps.
  void (*weigh_blocked)(const BlockedWindows& windows, int64_t count, float* out);

  // Writes rows [begin, begin + rows) of a gathered matrix, one behind the other, into out.
  void (*gather)(const GatherPanel& panel, int64_t begin, int64_t rows, float* out);

  // Copies rows of fewer elements than a vector has, in_pitch apart, one behind the other. Reads a
  // whole vector from the start of every row.
  void (*close_gaps)(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* out);
  // Copies `count` elements per row and fills each up with zeros to out_pitch; at the end of the
  // last one up to a vector more is overwritten.
  void (*copy_rows)(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* out,
                    int64_t out_pitch);
  // The same for the elements at even and at odd positions of the input rows.
  void (*split_rows)(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* even,
                     float* odd, int64_t out_pitch);
};

const WindowKernels& WindowKernelsOf(Isa isa);

}  // namespace assay
