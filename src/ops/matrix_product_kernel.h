#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

// The innermost piece of the float64 matrix product. `run` computes, for i < rows and j < columns,
//   tile[i * columns + j] = sum over k < depth of a[k * rows + i] * b[k * columns + j],
// starting at 0 and adding rounded products in ascending k. No kernel fuses a multiplication with
// an addition, so every kernel gives the same bits: the truth does not depend on the processor.
struct GemmKernel {
  std::string_view name;
  int rows = 0;
  int columns = 0;
  void (*run)(int64_t depth, const double* a, const double* b, double* tile) = nullptr;
};

// No kernel's tile has more elements than this.
inline constexpr int kMaxGemmTile = 192;

// The kernels that this processor can run, best first; never empty.
std::span<const GemmKernel> GemmKernels();

}  // namespace assay
