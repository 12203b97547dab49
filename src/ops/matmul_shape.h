#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/infer_context.h"
#include "tensor/shape.h"

namespace assay {

// The stack of matrix products that numpy.matmul makes of two operands: vectors are promoted to
// matrices, leading axes broadcast. Operands are dense and row-major.
struct MatMulShape {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  // Where the matrices of each product start, in elements.
  std::vector<int64_t> left_offsets;
  std::vector<int64_t> right_offsets;
  Shape output;
};

// Errors: kInvalidInput for scalars, inner extents that differ and batches that do not broadcast.
Result<MatMulShape> ResolveMatMul(const Shape& a, const Shape& b);

// Sets output 0 to the shape of matmul of inputs a and b.
Status InferMatMul(InferContext& context, int a, int b, DType dtype);

// result = left * right in float64, through Gemm.
void MultiplyStacks(const MatMulShape& shape, const double* left, const double* right,
                    double* result, ThreadPool& threads);

}  // namespace assay
