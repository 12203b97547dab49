#include "ops/attention_product.h"

#include <algorithm>

#include "ops/axis_lines.h"
#include "ops/matrix_product.h"
#include "ops/scratch_pool.h"

namespace assay {
namespace {

constexpr int64_t kScoresAtATime = int64_t{1} << 24;

void ClearOutput(const AttentionProduct& product, int64_t query) {
  const int64_t head = query / product.queries;
  const HeadStrides& strides = product.output_strides;
  std::fill_n(product.output + head / product.query_heads * strides.batch +
                  head % product.query_heads * strides.head + query % product.queries * strides.row,
              product.columns, 0.0);
}

}  // namespace

int64_t AttentionProduct::HeadsAtATime() const {
  return std::max<int64_t>(1, kScoresAtATime / std::max<int64_t>(1, queries * keys));
}

void AttentionProduct::Score(int64_t first, int64_t count, double* scores,
                             ThreadPool& threads) const {
  Gemm(
      {.products = count,
       .rows = queries,
       .columns = keys,
       .depth = depth,
       .left =
           [&](int64_t product) {
             return MatrixView{query + Start(query_strides, first + product), query_strides.row, 1};
           },
       .right = RowsOf([&](int64_t product) {
         return MatrixView{key + KeyHead(first + product) * keys * depth, 1, depth};
       }),
       .result = [&](int64_t product) { return scores + product * queries * keys; },
       .result_row_stride = keys},
      threads);
}

void AttentionProduct::Weigh(int64_t first, int64_t count, const double* weights,
                             ThreadPool& threads) const {
  Gemm({.products = count,
        .rows = queries,
        .columns = columns,
        .depth = keys,
        .left =
            [&](int64_t product) {
              return MatrixView{weights + product * queries * keys, keys, 1};
            },
        .right = RowsOf([&](int64_t product) {
          return MatrixView{value + KeyHead(first + product) * keys * columns, columns, 1};
        }),
        .result = [&](int64_t product) { return output + Start(output_strides, first + product); },
        .result_row_stride = output_strides.row},
       threads);
}

Status Attend(const AttentionProduct& product, const WeighQuery& weigh, ThreadPool& threads) {
  if (product.heads() == 0 || product.queries == 0) return OkStatus();
  const int64_t heads_at_a_time = std::min(product.HeadsAtATime(), product.heads());
  ASSAY_ASSIGN_OR_RETURN(
      Tensor tensor,
      Tensor::TryAllocate(DType::kFloat64, {heads_at_a_time, product.queries, product.keys}));
  double* scores = tensor.mutable_data<double>().data();
  const auto keys = static_cast<size_t>(product.keys);
  ScratchPool scratch(threads.threads(), keys);
  for (int64_t first = 0; first < product.heads(); first += heads_at_a_time) {
    const int64_t count = std::min(heads_at_a_time, product.heads() - first);
    product.Score(first, count, scores, threads);
    std::vector<uint8_t> sees(static_cast<size_t>(count * product.queries));
    ForEachSlice(threads, count * product.queries, product.keys, [&](int64_t row) {
      ScratchPool::Loan loan(scratch);
      sees[static_cast<size_t>(row)] = weigh(
          first * product.queries + row, {scores + row * product.keys, keys}, {loan.data(), keys});
    });
    product.Weigh(first, count, scores, threads);
    for (size_t row = 0; row < sees.size(); ++row) {
      if (sees[row] == 0) ClearOutput(product, first * product.queries + static_cast<int64_t>(row));
    }
  }
  return OkStatus();
}

Tensor JoinCache(const Tensor* past, const Tensor& fresh, int64_t heads) {
  const Shape& shape = fresh.shape();
  const bool packed = shape.rank() == 3;
  if (past == nullptr && !packed) return fresh;
  const int64_t batch = shape[0];
  const int64_t fresh_rows = packed ? shape[1] : shape[2];
  const int64_t columns = packed ? shape[2] / heads : shape[3];
  const int64_t past_rows = past == nullptr ? 0 : past->shape()[2];
  const HeadStrides strides = HeadStrides::Of(heads, fresh_rows, columns, packed);
  Tensor joined =
      Tensor::Allocate(DType::kFloat64, {batch, heads, past_rows + fresh_rows, columns});
  double* out = joined.mutable_data<double>().data();
  const double* old = past == nullptr ? nullptr : past->data<double>().data();
  const double* in = fresh.data<double>().data();
  for (int64_t head = 0; head < batch * heads; ++head) {
    if (past_rows > 0) {
      out = std::copy_n(old + head * past_rows * columns, past_rows * columns, out);
    }
    const double* rows = in + head / heads * strides.batch + head % heads * strides.head;
    for (int64_t row = 0; row < fresh_rows; ++row) {
      out = std::copy_n(rows + row * strides.row, columns, out);
    }
  }
  return joined;
}

}  // namespace assay
