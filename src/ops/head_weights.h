#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ops/attention_product.h"
#include "ops/reference_context.h"

namespace assay {

// How the attentions of ONNX Runtime weigh keys:
//
//   scores = scale * q k, capped, + bias;  weights = softmax(scores and the sink)
struct HeadWeights {
  double scale = 1;
  double softcap = 0;  // 0: none
  // Writes the bias of one query for every key; false if the query sees no key.
  std::function<bool(int64_t sample, int64_t head, int64_t query, std::span<double> bias)> bias;
  // By head, a score beside those of the keys whose weight goes nowhere; empty: none.
  std::vector<double> sinks;
  // Where scores and weights of (batch, heads, queries, keys) go; null: nowhere. Keys with a bias
  // of -infinity have the score 0 there.
  double* shown_scores = nullptr;
  double* shown_weights = nullptr;
};
Status AttendWith(const AttentionProduct& product, const HeadWeights& weights, ThreadPool& threads);

// The attribute "scale", 1 / sqrt(depth) where it is not there or 0.
double HeadScale(const OpContext& context, int64_t depth);

// The masks of keys: 0 where a query sees one, "mask_filter_value" where it does not, the lowest
// float32 after its own position with the attribute "unidirectional".
class KeyMask {
 public:
  // Mask in input `index` (may be left out): int32 of the shape (batch) with the number of keys,
  // (2 batch) with where the keys end and start, (batch, keys) or (batch, queries, keys) with what
  // is seen. Errors: kInvalidInput, kUnsupported for other shapes.
  static Result<KeyMask> Create(const ReferenceContext& context, int index,
                                const AttentionProduct& product, int64_t past);

  void Fill(int64_t sample, int64_t query, std::span<double> bias) const;

 private:
  std::vector<int64_t> values_;
  int rank_ = 0;  // 0: no mask
  int64_t batch_ = 0;
  int64_t queries_ = 0;
  int64_t keys_ = 0;
  int64_t past_ = 0;
  bool has_starts_ = false;
  bool causal_ = false;
  double filter_ = 0;
};

// An input (batch or 1, heads or 1, queries, keys or more) that is added to the scores.
class ScoreBias {
 public:
  // Input `index` may be left out. Errors: kInvalidInput for other shapes.
  static Result<ScoreBias> Create(const ReferenceContext& context, int index,
                                  const AttentionProduct& product);

  void Add(int64_t sample, int64_t head, int64_t query, std::span<double> bias) const;

 private:
  const double* data_ = nullptr;
  int64_t sample_stride_ = 0;
  int64_t head_stride_ = 0;
  int64_t query_stride_ = 0;
};

// Columns [begin, begin + count) of the last axis of a float64 tensor.
Tensor LastAxisPart(const Tensor& tensor, int64_t begin, int64_t count);

// A product of dense queries (batch, queries, heads * depth) with joined keys and values as of
// JoinCache; output 0 is allocated as (batch, queries, heads * columns).
AttentionProduct PackedProduct(ReferenceContext& context, const Tensor& query, int64_t heads,
                               const Tensor& key, const Tensor& value);

}  // namespace assay
