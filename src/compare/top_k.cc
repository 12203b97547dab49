#include "compare/top_k.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "compare/element_order.h"

namespace assay {

Result<Tensor> TopKIndices(const Tensor& tensor, int64_t k, int64_t axis, ThreadPool& pool) {
  ASSAY_RETURN_IF_ERROR(CheckOrdered(tensor.dtype()));
  if (k < 1) {
    return Status(StatusCode::kUsage, fmt::format("top-k: expected k >= 1, got {}", k));
  }
  ASSAY_ASSIGN_OR_RETURN(const AxisRows rows, RowsAlongAxis(tensor.shape(), axis));
  const int64_t kept = std::min(k, rows.length);
  Shape shape = tensor.shape();
  shape[*NormalizeAxis(axis, shape.rank())] = kept;
  ASSAY_ASSIGN_OR_RETURN(Tensor indices, Tensor::TryAllocate(DType::kInt64, shape));
  int64_t* out = indices.mutable_data<int64_t>().data();
  const AxisRows out_rows = {rows.rows, kept, rows.stride};

  constexpr int64_t kElementsPerTask = 1 << 16;
  const int64_t grain = std::max<int64_t>(1, kElementsPerTask / std::max<int64_t>(1, rows.length));
  pool.ParallelFor(rows.rows, grain, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> order(static_cast<size_t>(rows.length));
    std::vector<int64_t> positions(static_cast<size_t>(rows.length));
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t i = 0; i < rows.length; ++i) {
        order[static_cast<size_t>(i)] = ElementOrder(tensor, rows.first(row) + i * rows.stride);
      }
      std::iota(positions.begin(), positions.end(), 0);
      std::partial_sort(positions.begin(), positions.begin() + kept, positions.end(),
                        [&](int64_t a, int64_t b) {
                          const int64_t x = order[static_cast<size_t>(a)];
                          const int64_t y = order[static_cast<size_t>(b)];
                          return x != y ? x > y : a < b;
                        });
      for (int64_t i = 0; i < kept; ++i) {
        out[out_rows.first(row) + i * rows.stride] = positions[static_cast<size_t>(i)];
      }
    }
  });
  return indices;
}

}  // namespace assay
