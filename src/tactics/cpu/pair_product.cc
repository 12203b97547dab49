#include "tactics/cpu/pair_product.h"

#include <algorithm>

namespace assay {
namespace {

template <typename T>
void Center(const T* in, int64_t count, int zero, int16_t* out) {
  const auto by = static_cast<int16_t>(zero);
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<int16_t>(in[i] - by);
}

}  // namespace

void CenterBytes(const ByteMatrix& bytes, int64_t begin, int64_t count, int zero, int16_t* out) {
  if (bytes.is_signed) {
    Center(static_cast<const int8_t*>(bytes.data) + begin, count, zero, out);
  } else {
    Center(static_cast<const uint8_t*>(bytes.data) + begin, count, zero, out);
  }
}

void PackRowPanel(const ByteMatrix& left, int64_t row, int64_t rows, int64_t depth,
                  FunctionRef<int(int64_t row)> zeros, const PairKernels& kernels, int16_t* scratch,
                  int16_t* packed) {
  const int64_t tile = kernels.tile_rows;
  if (rows < tile || depth % 2 != 0) std::fill_n(packed, PairsOf(depth) * tile * 2, int16_t{0});
  for (int64_t r = 0; r < rows; ++r) {
    CenterBytes(left, (row + r) * left.pitch, depth, zeros(row + r), scratch);
    for (int64_t k = 0; k < depth; ++k) packed[(k / 2 * tile + r) * 2 + k % 2] = scratch[k];
  }
}

void PackColumnPanel(const ByteMatrix& right, int64_t column, int64_t columns, int64_t depth,
                     FunctionRef<int(int64_t column)> zeros, const PairKernels& kernels,
                     int16_t* packed) {
  const int64_t tile = kernels.tile_columns;
  int16_t zero[kMaxPairColumns] = {};
  int16_t rows[2][kMaxPairColumns] = {};
  for (int64_t c = 0; c < columns; ++c) zero[c] = static_cast<int16_t>(zeros(column + c));
  for (int64_t pair = 0; pair < PairsOf(depth); ++pair, packed += 2 * tile) {
    for (int64_t half = 0; half < 2; ++half) {
      const int64_t k = 2 * pair + half;
      if (k == depth) {
        std::fill_n(rows[half], tile, int16_t{0});
        continue;
      }
      CenterBytes(right, k * right.pitch + column, columns, 0, rows[half]);
      for (int64_t c = 0; c < tile; ++c)
        rows[half][c] = static_cast<int16_t>(rows[half][c] - zero[c]);
    }
    kernels.interleave(rows[0], rows[1], 1, tile, packed);
  }
}

void MultiplyPanel(const int16_t* left, int64_t rows, const int16_t* right, int64_t depth,
                   const PairKernels& kernels,
                   FunctionRef<void(int64_t row, int64_t rows, const int32_t* sums)> finish) {
  alignas(64) int32_t sums[kMaxPairRows * kMaxPairColumns];
  const int64_t tile = kernels.tile_rows;
  for (int64_t row = 0; row < rows; row += tile) {
    kernels.product_tile(PairsOf(depth), left, right, sums);
    finish(row, std::min(tile, rows - row), sums);
    left += PairsOf(depth) * tile * 2;
  }
}

}  // namespace assay
