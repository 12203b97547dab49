#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "tactics/cpu/kernels/pair_kernels.h"
#include "tactics/tactic.h"

namespace assay {

// Products of matrices of 8-bit integers less zero points, in panels of pairs for PairKernels.

inline int64_t PairsOf(int64_t depth) { return (depth + 1) / 2; }
// Numbers of 16 bits in a packed matrix of `extent` rows (or columns) in panels of `tile`.
inline int64_t PackedPairs(int64_t extent, int64_t tile, int64_t depth) {
  return (extent + tile - 1) / tile * tile * PairsOf(depth) * 2;
}

// 8-bit integers of either sign in memory.
struct ByteMatrix {
  const void* data = nullptr;
  bool is_signed = false;
  int64_t pitch = 0;  // from row to row

  int At(int64_t i) const {
    return is_signed ? static_cast<const int8_t*>(data)[i] : static_cast<const uint8_t*>(data)[i];
  }
};

// out[i] = element `begin + i` - zero.
void CenterBytes(const ByteMatrix& bytes, int64_t begin, int64_t count, int zero, int16_t* out);

// One panel of at most tile_rows rows from `row` on, of which row r has zero point zeros(r).
// `scratch` has `depth` numbers.
void PackRowPanel(const ByteMatrix& left, int64_t row, int64_t rows, int64_t depth,
                  FunctionRef<int(int64_t row)> zeros, const PairKernels& kernels, int16_t* scratch,
                  int16_t* packed);
// One panel of at most tile_columns columns from `column` on.
void PackColumnPanel(const ByteMatrix& right, int64_t column, int64_t columns, int64_t depth,
                     FunctionRef<int(int64_t column)> zeros, const PairKernels& kernels,
                     int16_t* packed);

// Multiplies the packed rows with one packed panel of columns; finish(row, rows, sums) gets a tile
// at a time, whose rows are tile_columns apart.
void MultiplyPanel(const int16_t* left, int64_t rows, const int16_t* right, int64_t depth,
                   const PairKernels& kernels,
                   FunctionRef<void(int64_t row, int64_t rows, const int32_t* sums)> finish);

}  // namespace assay
