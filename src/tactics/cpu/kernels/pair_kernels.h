#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// Products of 8-bit integers less their zero points, which 16 bits hold: pairs of them are summed
// in 32 bits, exactly up to there and wrapping around beyond.
struct PairKernels {
  int tile_rows;
  int tile_columns;
  // c[tile_rows][tile_columns] = a * b over 2 * pairs products, where a is packed as
  // [pair][tile_rows][2] and b as [pair][tile_columns][2].
  void (*product_tile)(int64_t pairs, const int16_t* a, const int16_t* b, int32_t* c);
  // out[2 i] = a[i * step], out[2 i + 1] = b[i * step].
  void (*interleave)(const int16_t* a, const int16_t* b, int64_t step, int64_t count, int16_t* out);
  // out[i] = round((sums[i] + bias) * scales[i * scale_step]) + zero, ties to even, held in the
  // range of the type; 0 for NaN.
  void (*quantize_int8)(int64_t count, const int32_t* sums, double bias, const double* scales,
                        int64_t scale_step, double zero, int8_t* out);
  void (*quantize_uint8)(int64_t count, const int32_t* sums, double bias, const double* scales,
                         int64_t scale_step, double zero, uint8_t* out);
};
inline constexpr int kMaxPairRows = 12;
inline constexpr int kMaxPairColumns = 32;

const PairKernels& PairKernelsOf(Isa isa);

}  // namespace assay
