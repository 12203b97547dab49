#pragma once

#include <cstdint>
#include <vector>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// Products summed before they are added to the result: bounds the length of a chain of roundings,
// which keeps the relative error near 1.6e-7 for any depth.
inline constexpr int64_t kProductBlock = 128;

// Matrices inside an operand: element (r, c) of matrix i is at offsets[i] + r * row_step + c *
// column_step.
struct MatrixView {
  int64_t row_step = 0;
  int64_t column_step = 0;
  std::vector<int64_t> offsets;
};

// c[rows][columns] (+)= left[rows][depth] * right[depth][columns] in fp32, in blocked sums.
struct ProductShape {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
};

// How a product is cut into pieces that one thread computes. Follows from shapes and kernels alone.
struct ProductTiling {
  int64_t rows = 0;     // per piece, a multiple of the tile's rows
  int64_t columns = 0;  // per piece, a multiple of the tile's columns
  int64_t row_pieces = 0;
  int64_t column_pieces = 0;
};
// `instances`: products of this shape that run side by side.
ProductTiling TileProduct(const ProductShape& shape, const KernelSet& kernels, int64_t instances);

// Floats of the packed left matrix: [depth block][row panel][k][tile_rows], zeros below the last
// row.
int64_t PackedLeftFloats(const ProductShape& shape, const KernelSet& kernels);
// Packs rows [row, row + count) and products [begin, begin + depth) of a left matrix whose element
// (r, k) is at left[r * row_step + k * depth_step]; `packed` is [row panel][k][tile_rows].
void PackLeftBlock(const float* left, int64_t row_step, int64_t depth_step, int64_t rows,
                   int64_t depth, const KernelSet& kernels, float* packed);
// Packs the whole left matrix.
void PackLeft(const float* left, int64_t row_step, int64_t depth_step, const ProductShape& shape,
              const KernelSet& kernels, float* packed);

// Floats of one block of the right matrix: [column panel][k][tile_columns].
int64_t RightBlockFloats(int64_t columns, const KernelSet& kernels);
// Packs `depth` x `columns` elements; element (k, c) is at right[k * depth_step + c * column_step].
void PackRightBlock(const float* right, int64_t depth_step, int64_t column_step, int64_t depth,
                    int64_t columns, const KernelSet& kernels, float* packed);

// One depth block of the left matrix: packed as above, or as rows of memory.
struct LeftBlock {
  const float* data = nullptr;
  int64_t pitch = 0;  // from row to row; 0 if it is packed
};

// One piece of a product: multiplies blocks into c. `left` and `right` give the block for products
// [begin, begin + depth), the right one packed; both may pack into scratch and are called once per
// block.
void MultiplyPiece(int64_t rows, int64_t columns, int64_t depth, const KernelSet& kernels,
                   FunctionRef<LeftBlock(int64_t begin, int64_t depth)> left,
                   FunctionRef<const float*(int64_t begin, int64_t depth)> right, float* c,
                   int64_t pitch);

}  // namespace assay
