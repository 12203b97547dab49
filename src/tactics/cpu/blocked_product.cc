#include "tactics/cpu/blocked_product.h"

#include <algorithm>
#include <cstring>

namespace assay {
namespace {

int64_t RoundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// Columns of a piece: a packed right block of 128 products then stays within 192 KiB.
constexpr int64_t kPieceColumns = 384;
// Pieces wanted at least, so that any common number of threads has work.
constexpr int64_t kWantedPieces = 32;

// Takes a part of a tile over into c.
void AddTile(const float* tile, int64_t tile_pitch, int64_t rows, int64_t columns, bool accumulate,
             float* c, int64_t pitch) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t k = 0; k < columns; ++k) {
      float& target = c[r * pitch + k];
      const float sum = tile[r * tile_pitch + k];
      target = accumulate ? target + sum : sum;
    }
  }
}

}  // namespace

ProductTiling TileProduct(const ProductShape& shape, const KernelSet& kernels, int64_t instances) {
  ProductTiling tiling;
  tiling.columns = std::min(RoundUp(kPieceColumns, kernels.tile_columns),
                            RoundUp(std::max<int64_t>(shape.columns, 1), kernels.tile_columns));
  tiling.rows = RoundUp(std::max<int64_t>(shape.rows, 1), kernels.tile_rows);
  const auto pieces = [&] {
    tiling.row_pieces = (shape.rows + tiling.rows - 1) / tiling.rows;
    tiling.column_pieces = (shape.columns + tiling.columns - 1) / tiling.columns;
    return tiling.row_pieces * tiling.column_pieces * instances;
  };
  // The right block is packed once per row piece, so rows are cut only while a piece keeps many of
  // them.
  while (pieces() < kWantedPieces && tiling.rows >= 8 * kernels.tile_rows) {
    tiling.rows = RoundUp(tiling.rows / 2, kernels.tile_rows);
  }
  while (pieces() < kWantedPieces && tiling.columns >= 4 * kernels.tile_columns) {
    tiling.columns = RoundUp(tiling.columns / 2, kernels.tile_columns);
  }
  pieces();
  return tiling;
}

int64_t PackedLeftFloats(const ProductShape& shape, const KernelSet& kernels) {
  return RoundUp(shape.rows, kernels.tile_rows) * shape.depth;
}

void PackLeftBlock(const float* left, int64_t row_step, int64_t depth_step, int64_t rows,
                   int64_t depth, const KernelSet& kernels, float* packed) {
  const int64_t tile = kernels.tile_rows;
  for (int64_t panel = 0; panel < rows; panel += tile) {
    const int64_t present = std::min(tile, rows - panel);
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t r = 0; r < present; ++r) {
        packed[k * tile + r] = left[(panel + r) * row_step + k * depth_step];
      }
      for (int64_t r = present; r < tile; ++r) packed[k * tile + r] = 0;
    }
    packed += tile * depth;
  }
}

void PackLeft(const float* left, int64_t row_step, int64_t depth_step, const ProductShape& shape,
              const KernelSet& kernels, float* packed) {
  const int64_t padded = RoundUp(shape.rows, kernels.tile_rows);
  for (int64_t begin = 0; begin < shape.depth; begin += kProductBlock) {
    const int64_t depth = std::min(kProductBlock, shape.depth - begin);
    PackLeftBlock(left + begin * depth_step, row_step, depth_step, shape.rows, depth, kernels,
                  packed + padded * begin);
  }
}

int64_t RightBlockFloats(int64_t columns, const KernelSet& kernels) {
  return RoundUp(columns, kernels.tile_columns) * kProductBlock;
}

void PackRightBlock(const float* right, int64_t depth_step, int64_t column_step, int64_t depth,
                    int64_t columns, const KernelSet& kernels, float* packed) {
  const int64_t tile = kernels.tile_columns;
  for (int64_t panel = 0; panel < columns; panel += tile) {
    const int64_t present = std::min(tile, columns - panel);
    for (int64_t k = 0; k < depth; ++k) {
      const float* row = right + k * depth_step + panel * column_step;
      float* out = packed + k * tile;
      if (column_step == 1) {
        std::memcpy(out, row, static_cast<size_t>(present) * sizeof(float));
      } else {
        for (int64_t c = 0; c < present; ++c) out[c] = row[c * column_step];
      }
      for (int64_t c = present; c < tile; ++c) out[c] = 0;
    }
    packed += tile * depth;
  }
}

void MultiplyPiece(int64_t rows, int64_t columns, int64_t depth, const KernelSet& kernels,
                   FunctionRef<LeftBlock(int64_t begin, int64_t depth)> left,
                   FunctionRef<const float*(int64_t begin, int64_t depth)> right, float* c,
                   int64_t pitch) {
  const int64_t tile_rows = kernels.tile_rows;
  const int64_t tile_columns = kernels.tile_columns;
  alignas(64) float edge[kMaxTileRows * kMaxTileColumns];
  alignas(64) float last_rows[kMaxTileRows * kProductBlock];
  for (int64_t begin = 0; begin < depth; begin += kProductBlock) {
    const int64_t block = std::min(kProductBlock, depth - begin);
    const LeftBlock a = left(begin, block);
    const float* b = right(begin, block);
    for (int64_t row = 0; row < rows; row += tile_rows) {
      const int64_t present_rows = std::min(tile_rows, rows - row);
      const bool is_packed = a.pitch == 0 || present_rows < tile_rows;
      const bool is_low = present_rows <= tile_rows / 2;
      const float* a_panel = a.data + row * (a.pitch == 0 ? block : a.pitch);
      if (is_packed && a.pitch != 0) {
        PackLeftBlock(a_panel, a.pitch, 1, present_rows, block, kernels, last_rows);
        a_panel = last_rows;
      }
      const auto multiply = [&](const float* b_panel, float* out, int64_t out_pitch, bool add) {
        if (is_low) {
          kernels.product_half_tile(block, a_panel, b_panel, out, out_pitch, add);
        } else if (is_packed) {
          kernels.product_tile(block, a_panel, b_panel, out, out_pitch, add);
        } else {
          kernels.product_tile_of_rows(block, a_panel, a.pitch, b_panel, out, out_pitch, add);
        }
      };
      for (int64_t column = 0; column < columns; column += tile_columns) {
        const float* b_panel = b + column * block;
        const int64_t present_columns = std::min(tile_columns, columns - column);
        float* out = c + row * pitch + column;
        if (present_rows == tile_rows && present_columns == tile_columns) {
          multiply(b_panel, out, pitch, begin > 0);
          continue;
        }
        multiply(b_panel, edge, tile_columns, false);
        AddTile(edge, tile_columns, present_rows, present_columns, begin > 0, out, pitch);
      }
    }
  }
  if (depth == 0) {
    for (int64_t row = 0; row < rows; ++row) std::fill_n(c + row * pitch, columns, 0.0F);
  }
}

}  // namespace assay
