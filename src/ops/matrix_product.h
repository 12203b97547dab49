#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/thread_pool.h"
#include "ops/matrix_product_kernel.h"

namespace assay {

// A float64 matrix in memory; element (i, j) lies at data[i * row_stride + j * column_stride].
struct MatrixView {
  const double* data = nullptr;
  int64_t row_stride = 0;
  int64_t column_stride = 1;
};

// Writes elements [begin, begin + out.size()) of one row of a right-hand matrix to `out`. Called
// from several threads at once.
using RowSource =
    std::function<void(int64_t product, int64_t row, int64_t begin, std::span<double> out)>;

// Independent products result = left * right of one size: left is rows x depth, right is
// depth x columns. The right-hand side is asked for row by row, so that it need not exist in memory
// as a whole (convolutions make theirs on the way).
struct GemmProblem {
  int64_t products = 1;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  std::function<MatrixView(int64_t product)> left;
  RowSource right;
  // First element of the result, which is overwritten; rows lie `result_row_stride` apart.
  std::function<double*(int64_t product)> result;
  int64_t result_row_stride = 0;
};

// A right-hand side that lies in memory.
RowSource RowsOf(std::function<MatrixView(int64_t product)> right);

// Every element is a sum of sums over kGemmDepthBlock consecutive k, products rounded before they
// are added. The bits of a result depend on the operands alone: not on the number of threads, not
// on the processor. Takes about 1.2 MB of scratch per thread.
inline constexpr int64_t kGemmDepthBlock = 256;
void Gemm(const GemmProblem& problem, ThreadPool& threads);
// The same with a given kernel.
void Gemm(const GemmProblem& problem, const GemmKernel& kernel, ThreadPool& threads);

// The definition: one running sum per element. Beside Gemm for its tests.
void NaiveGemm(const GemmProblem& problem);

}  // namespace assay
