#pragma once

#include <cstdint>

#include "base/cpu_features.h"

namespace assay {

// The inner loops that are compiled once per instruction set. Their source files may use nothing
// but plain pointers and intrinsics: an inline function of a library compiled there could replace,
// at link time, the same function of code that must run anywhere.
enum class Isa : uint8_t { kPortable, kAvx2, kAvx512 };

// Extents of the register tile of the matrix product, at most.
inline constexpr int kMaxTileRows = 12;
inline constexpr int kMaxTileColumns = 32;

struct KernelSet {
  // c[tile_rows][tile_columns] (row pitch `pitch`) = or += a * b over k products, where a is packed
  // as [k][tile_rows] and b as [k][tile_columns]. Sums of one call start from zero and are added to
  // c once, so calls of bounded k make blocked sums.
  void (*product_tile)(int64_t k, const float* a, const float* b, float* c, int64_t pitch,
                       bool accumulate);
  // The same for the first tile_rows / 2 rows alone; a is packed as for the whole tile.
  void (*product_half_tile)(int64_t k, const float* a, const float* b, float* c, int64_t pitch,
                            bool accumulate);
  // A whole tile with the left matrix as it lies in memory: rows of k elements, a_pitch apart.
  void (*product_tile_of_rows)(int64_t k, const float* a, int64_t a_pitch, const float* b, float* c,
                               int64_t pitch, bool accumulate);
  int tile_rows;
  int tile_columns;

  // out[i] += weight * in[i * step] for step 1 or 2, or any other.
  void (*multiply_add)(int64_t count, float weight, const float* in, int64_t step, float* out);
};

const KernelSet& KernelsOf(Isa isa);
// True if this processor can run the kernels of an instruction set.
bool CanRun(Isa isa, const CpuFeatures& cpu);

}  // namespace assay
