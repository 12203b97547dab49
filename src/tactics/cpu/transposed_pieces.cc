#include "tactics/cpu/transposed_pieces.h"

#include <algorithm>
#include <limits>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

// out[2 i] = even[i], out[2 i + 1] = odd[i].
void Interleave(const float* even, const float* odd, int64_t count, float* out) {
  int64_t i = 0;
#if defined(__SSE2__)
  for (; i + 4 <= count; i += 4) {
    const __m128 a = _mm_loadu_ps(even + i);
    const __m128 b = _mm_loadu_ps(odd + i);
    _mm_storeu_ps(out + 2 * i, _mm_unpacklo_ps(a, b));
    _mm_storeu_ps(out + 2 * i + 4, _mm_unpackhi_ps(a, b));
  }
#endif
  for (; i < count; ++i) {
    out[2 * i] = even[i];
    out[2 * i + 1] = odd[i];
  }
}

// One piece of the output: rows [begin, end) of a block of filters.
class Piece {
 public:
  Piece(const TransposedProduct& state, const Call& call, int64_t index)
      : state_(state), call_(call) {
    begin_ = index % state.bands * state.band_rows;
    end_ = std::min(begin_ + state.band_rows, state.output_rows());
    index /= state.bands;
    block_ = index % state.blocks;
    image_group_ = index / state.blocks;
    first_filter_ = block_ * state.block_filters;
    filters_ = std::min(state.block_filters, state.filters - first_filter_);
  }

  void Make(float* scratch) const {
    const int64_t width = state_.width.output;
    for (int64_t i = 0; i < filters_ && !state_.covers_output; ++i) {
      std::fill_n(OutputRow(i, begin_), (end_ - begin_) * state_.width.input, 0.0F);
    }
    const auto [first, last] = InputRows();
    const int64_t columns_end = last * width;
    for (int64_t column = first * width; column < columns_end; column += state_.chunk_columns) {
      const int64_t columns = std::min(state_.chunk_columns, columns_end - column);
      Multiply(column, columns, scratch);
      Scatter(column, columns, scratch + state_.right_floats);
    }
    for (int64_t i = 0; i < filters_; ++i) {
      const int64_t count = (end_ - begin_) * state_.width.input;
      const int64_t filter = image_group_ % state_.groups * state_.filters + first_filter_ + i;
      float* out = OutputRow(i, begin_);
      FinishRows(state_.epilogue, call_, filter, 0, out - call_.Output<float>(0), 1, count, count,
                 out);
    }
  }

 private:
  // Positions along an axis of the input with a tap in [begin, end) of the output.
  static std::pair<int64_t, int64_t> Under(const WindowAxis& axis, int64_t begin, int64_t end) {
    const int64_t reach = begin + axis.pad_begin - (axis.kernel - 1) * axis.dilation;
    const int64_t first = reach <= 0 ? 0 : (reach + axis.stride - 1) / axis.stride;
    return {first, std::min(axis.output, (end - 1 + axis.pad_begin) / axis.stride + 1)};
  }
  // Rows of the input with a tap in the piece.
  std::pair<int64_t, int64_t> InputRows() const {
    const WindowAxis& h = state_.height;
    if (state_.depth.input == 1 && state_.depth.output == 1) return Under(h, begin_, end_);
    const auto [first, last] =
        Under(state_.depth, begin_ / h.input, (end_ + h.input - 1) / h.input);
    return {first * h.output, last * h.output};
  }

  float* OutputRow(int64_t filter, int64_t row) const {
    const int64_t plane = image_group_ * state_.filters + first_filter_ + filter;
    return call_.Output<float>(0) + plane * state_.output_plane() + row * state_.width.input;
  }

  void Multiply(int64_t column, int64_t columns, float* scratch) const {
    const int64_t rows = filters_ * state_.taps();
    const int64_t plane = state_.input_plane();
    const float* input = call_.Input<float>(0) + image_group_ * state_.channels * plane + column;
    const int64_t group_block = image_group_ % state_.groups * state_.blocks + block_;
    const float* left =
        reinterpret_cast<const float*>(call_.packed) + group_block * state_.block_floats;
    if (state_.IsDirect()) {
      for (int64_t row = 0; row < rows; ++row) {
        Weigh(input, left + row * state_.channels, columns,
              scratch + state_.right_floats + row * state_.chunk_columns);
      }
      return;
    }
    const int64_t tile = state_.kernels->tile_rows;
    const int64_t padded_rows = (rows + tile - 1) / tile * tile;
    MultiplyPiece(
        rows, columns, state_.channels, *state_.kernels,
        [&](int64_t begin, int64_t) -> LeftBlock { return {left + padded_rows * begin}; },
        [&](int64_t begin, int64_t depth) -> const float* {
          PackRightBlock(input + begin * plane, plane, 1, depth, columns, *state_.kernels, scratch);
          return scratch;
        },
        scratch + state_.right_floats, state_.chunk_columns);
  }

  // One row of the product from the channels as they lie.
  void Weigh(const float* input, const float* weights, int64_t columns, float* products) const {
    constexpr float kUnbounded = std::numeric_limits<float>::infinity();
    const int64_t whole = columns < state_.windows->lanes ? 0 : columns;
    if (whole > 0) {
      state_.windows->weigh_taps(input, state_.channel_offsets.data(), weights, state_.channels,
                                 columns, {0, -kUnbounded, kUnbounded}, products);
    }
    for (int64_t i = whole; i < columns; ++i) {
      double sum = 0;
      for (int64_t channel = 0; channel < state_.channels; ++channel) {
        sum += static_cast<double>(weights[channel]) *
               input[state_.channel_offsets[static_cast<size_t>(channel)] + i];
      }
      products[i] = static_cast<float>(sum);
    }
  }

  // Adds products of input elements [column, column + columns) to the output.
  void Scatter(int64_t column, int64_t columns, const float* products) const {
    const int64_t width = state_.width.output;
    for (int64_t at = 0; at < columns;) {
      const int64_t row = (column + at) / width;
      const int64_t x = (column + at) % width;
      const int64_t count = std::min(width - x, columns - at);
      for (int64_t i = 0; i < filters_; ++i) {
        ScatterFilter(i, row, x, count, products + i * state_.taps() * state_.chunk_columns + at);
      }
      at += count;
    }
  }

  // Adds the products of one filter with input elements [x, x + count) of a row.
  void ScatterFilter(int64_t filter, int64_t row, int64_t x, int64_t count,
                     const float* products) const {
    const WindowAxis& h = state_.height;
    const int64_t next = state_.width.kernel * state_.chunk_columns;
    for (int64_t tap_z = 0; tap_z < state_.depth.kernel; ++tap_z) {
      const int64_t z = state_.depth.InputIndex(row / h.output, tap_z);
      for (int64_t tap_y = 0; tap_y < h.kernel; ++tap_y, products += next) {
        const int64_t y = h.InputIndex(row % h.output, tap_y);
        const int64_t to = z * h.input + y;
        if (y < 0 || y >= h.input || to < begin_ || to >= end_) continue;
        ScatterRow(x, count, products, OutputRow(filter, to));
      }
    }
  }

  // Adds the products of one row of taps with input elements [x, x + count) of a row.
  void ScatterRow(int64_t x, int64_t count, const float* products, float* out) const {
    const WindowAxis& w = state_.width;
    if (state_.doubles_rows) {
      Interleave(products, products + state_.chunk_columns, count, out + 2 * x);
      return;
    }
    for (int64_t tap = 0; tap < w.kernel; ++tap, products += state_.chunk_columns) {
      const int64_t origin = w.InputIndex(x, tap);
      const int64_t first = origin >= 0 ? 0 : (-origin + w.stride - 1) / w.stride;
      const int64_t last =
          origin >= w.input ? 0 : std::min(count, (w.input - 1 - origin) / w.stride + 1);
      float* to = out + origin;
      if (w.stride == 1) {
        for (int64_t i = first; i < last; ++i) to[i] += products[i];
      } else {
        for (int64_t i = first; i < last; ++i) to[i * w.stride] += products[i];
      }
    }
  }

  const TransposedProduct& state_;
  const Call& call_;
  int64_t image_group_ = 0;
  int64_t block_ = 0;
  int64_t first_filter_ = 0;
  int64_t filters_ = 0;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

}  // namespace

void MakeTransposedPiece(const TransposedProduct& state, const Call& call, int64_t index,
                         float* scratch) {
  Piece(state, call, index).Make(scratch);
}

}  // namespace assay
