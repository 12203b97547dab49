#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/op_context.h"
#include "tensor/tensor.h"

namespace assay {

// Where the rows of the heads of an operand lie: row i of head h of sample b begins at element
// b * batch + h * head + i * row.
struct HeadStrides {
  int64_t batch = 0;
  int64_t head = 0;
  int64_t row = 0;

  // Of (batch, heads, rows, columns) or, packed, of (batch, rows, heads * columns).
  static HeadStrides Of(int64_t heads, int64_t rows, int64_t columns, bool packed) {
    if (packed) return {rows * heads * columns, columns, heads * columns};
    return {heads * rows * columns, rows * columns, columns};
  }
};

// The two products of an attention in float64, head by head. Head h of the queries belongs to head
// h / (query_heads / key_heads) of keys and values. Heads of all samples are counted through:
// sample * query_heads + head.
struct AttentionProduct {
  int64_t batch = 0;
  int64_t query_heads = 0;
  int64_t key_heads = 0;
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t depth = 0;
  int64_t columns = 0;
  const double* query = nullptr;
  HeadStrides query_strides;
  const double* key = nullptr;    // (batch, key_heads, keys, depth)
  const double* value = nullptr;  // (batch, key_heads, keys, columns)
  double* output = nullptr;
  HeadStrides output_strides;

  int64_t heads() const { return batch * query_heads; }
  // Heads whose scores, of at most about 2^24 elements, are kept in memory at a time.
  int64_t HeadsAtATime() const;
  // scores[h - first, i, j] = query i . key j of head h, for heads [first, first + count).
  void Score(int64_t first, int64_t count, double* scores, ThreadPool& threads) const;
  // output[h, i] = sum over j of weights[h - first, i, j] * value j of head h.
  void Weigh(int64_t first, int64_t count, const double* weights, ThreadPool& threads) const;

 private:
  int64_t KeyHead(int64_t head) const {
    return head / query_heads * key_heads + head % query_heads / (query_heads / key_heads);
  }
  int64_t Start(const HeadStrides& strides, int64_t head) const {
    return head / query_heads * strides.batch + head % query_heads * strides.head;
  }
};

// Turns the scores of one query, counted through all heads, into weights; `scratch` has as many
// elements. False if the query sees no key. Called from several threads at once.
using WeighQuery =
    std::function<bool(int64_t query, std::span<double> row, std::span<double> scratch)>;

// Scores, weights and the weighed values of all queries. A query that sees no key gives zeros,
// whatever the values are. Errors: kResourceLimit.
Status Attend(const AttentionProduct& product, const WeighQuery& weigh, ThreadPool& threads);

// Keys or values of all heads as (batch, heads, past + new, columns): those of a cache, if there is
// one, before the new ones, which may be packed.
Tensor JoinCache(const Tensor* past, const Tensor& fresh, int64_t heads);

}  // namespace assay
