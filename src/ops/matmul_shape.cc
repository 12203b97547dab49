#include "ops/matmul_shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/matrix_product.h"

namespace assay {
namespace {

Status Mismatch(const std::string& a, const std::string& b) {
  return OpContext::Invalid(
      fmt::format("matrix product: expected the last axis of A to match the last but one of B, got "
                  "shapes {} and {}",
                  a, b));
}

// Start of every matrix of an operand whose leading axes `own` are broadcast to `batch`.
std::vector<int64_t> Offsets(const Shape& own, const Shape& batch, int64_t matrix) {
  const std::vector<int64_t> strides = own.Strides();
  std::vector<int64_t> offsets(static_cast<size_t>(batch.elements()));
  for (size_t product = 0; product < offsets.size(); ++product) {
    auto rest = static_cast<int64_t>(product);
    int64_t offset = 0;
    for (int axis = batch.rank() - 1; axis >= 0; --axis) {
      const int64_t index = rest % batch[axis];
      rest /= batch[axis];
      const int at = axis - (batch.rank() - own.rank());
      if (at >= 0 && own[at] != 1) offset += index * strides[static_cast<size_t>(at)];
    }
    offsets[product] = offset * matrix;
  }
  return offsets;
}

Shape Leading(const Shape& shape) {
  const int count = std::max(0, shape.rank() - 2);
  return Shape(std::vector<int64_t>(shape.begin(), shape.begin() + count));
}

}  // namespace

Result<MatMulShape> ResolveMatMul(const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) {
    return OpContext::Invalid("matrix product: expected at least rank 1, got a scalar");
  }
  MatMulShape shape;
  shape.rows = a.rank() == 1 ? 1 : a[a.rank() - 2];
  shape.depth = a[a.rank() - 1];
  shape.columns = b.rank() == 1 ? 1 : b[b.rank() - 1];
  if (b[std::max(0, b.rank() - 2)] != shape.depth) return Mismatch(a.ToString(), b.ToString());
  const Shape left = Leading(a);
  const Shape right = Leading(b);
  const std::optional<Shape> batch = BroadcastShapes(left, right);
  if (!batch) {
    return OpContext::Invalid("matrix product: leading axes of " + a.ToString() + " and " +
                              b.ToString() + " cannot be broadcast together");
  }
  shape.output = *batch;
  if (a.rank() > 1) shape.output.dims().push_back(shape.rows);
  if (b.rank() > 1) shape.output.dims().push_back(shape.columns);
  if (right.elements() == 1 && a.rank() > 1) {
    // One right-hand matrix for all: the left ones stacked make one tall matrix.
    shape.rows *= left.elements();
    shape.left_offsets = shape.right_offsets = {0};
    return shape;
  }
  shape.left_offsets = Offsets(left, *batch, shape.rows * shape.depth);
  shape.right_offsets = Offsets(right, *batch, shape.depth * shape.columns);
  return shape;
}

Status InferMatMul(InferContext& context, int a, int b, DType dtype) {
  const SymbolicShape* left = context.InputShape(a);
  const SymbolicShape* right = context.InputShape(b);
  if (left == nullptr || right == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  if (left->empty() || right->empty()) {
    return OpContext::Invalid("matrix product: expected at least rank 1, got a scalar");
  }
  const Dim& left_depth = left->back();
  const Dim& right_depth = right->size() == 1 ? right->back() : (*right)[right->size() - 2];
  if (left_depth.IsKnown() && right_depth.IsKnown() && left_depth.value() != right_depth.value()) {
    return Mismatch(ToString(*left), ToString(*right));
  }
  SymbolicShape output;
  const size_t left_batch = left->size() < 2 ? 0 : left->size() - 2;
  const size_t right_batch = right->size() < 2 ? 0 : right->size() - 2;
  for (size_t k = std::max(left_batch, right_batch); k-- > 0;) {
    const Dim x = k < left_batch ? (*left)[left_batch - 1 - k] : Dim(1);
    const Dim y = k < right_batch ? (*right)[right_batch - 1 - k] : Dim(1);
    const std::optional<Dim> dim = BroadcastDims(x, y);
    if (!dim) {
      return OpContext::Invalid("matrix product: leading axes of " + ToString(*left) + " and " +
                                ToString(*right) + " cannot be broadcast together");
    }
    output.push_back(*dim);
  }
  if (left->size() > 1) output.push_back((*left)[left->size() - 2]);
  if (right->size() > 1) output.push_back(right->back());
  context.SetOutput(0, dtype, std::move(output));
  return OkStatus();
}

void MultiplyStacks(const MatMulShape& shape, const double* left, const double* right,
                    double* result, ThreadPool& threads) {
  const GemmProblem problem = {
      .products = static_cast<int64_t>(shape.left_offsets.size()),
      .rows = shape.rows,
      .columns = shape.columns,
      .depth = shape.depth,
      .left =
          [&](int64_t product) {
            return MatrixView{left + shape.left_offsets[static_cast<size_t>(product)], shape.depth};
          },
      .right = RowsOf([&](int64_t product) {
        return MatrixView{right + shape.right_offsets[static_cast<size_t>(product)], shape.columns};
      }),
      .result = [&](int64_t product) { return result + product * shape.rows * shape.columns; },
      .result_row_stride = shape.columns};
  Gemm(problem, threads);
}

}  // namespace assay
