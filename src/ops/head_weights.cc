#include "ops/head_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/softmax_lines.h"

namespace assay {
namespace {

// Softmax in which a score that stands for no key takes part.
void SoftmaxBesideSink(std::span<double> row, double sink) {
  double largest = sink;
  for (double score : row) largest = std::max(largest, score);
  double sum = std::exp(sink - largest);
  for (double& score : row) {
    score = std::exp(score - largest);
    sum += score;
  }
  for (double& score : row) score /= sum;
}

Status WrongShape(int index, const Shape& got, std::string_view expected) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected {}, got {}", index, expected, got.ToString()));
}

}  // namespace

Status AttendWith(const AttentionProduct& product, const HeadWeights& weights,
                  ThreadPool& threads) {
  return Attend(
      product,
      [&](int64_t row, std::span<double> scores, std::span<double> bias) {
        const int64_t head = row / product.queries;
        const int64_t own = head % product.query_heads;
        for (double& score : scores) score *= weights.scale;
        if (weights.softcap != 0) {
          for (double& score : scores) {
            score = weights.softcap * std::tanh(score / weights.softcap);
          }
        }
        const bool sees =
            weights.bias(head / product.query_heads, own, row % product.queries, bias);
        for (size_t i = 0; i < scores.size(); ++i) scores[i] += bias[i];
        if (weights.shown_scores != nullptr) {
          double* shown = weights.shown_scores + row * product.keys;
          for (size_t i = 0; i < scores.size(); ++i) shown[i] = std::isinf(bias[i]) ? 0 : scores[i];
        }
        if (!sees) {
          std::ranges::fill(scores, 0);
        } else if (weights.sinks.empty()) {
          SoftmaxOfLine(scores.data(), scores.data(), {.length = product.keys});
        } else {
          SoftmaxBesideSink(scores, weights.sinks[static_cast<size_t>(own)]);
        }
        if (weights.shown_weights != nullptr) {
          std::ranges::copy(scores, weights.shown_weights + row * product.keys);
        }
        return sees;
      },
      threads);
}

double HeadScale(const OpContext& context, int64_t depth) {
  const double given = context.HasAttribute("scale") ? context.Float("scale") : 0;
  return given != 0 ? given : 1 / std::sqrt(static_cast<double>(std::max<int64_t>(1, depth)));
}

Result<KeyMask> KeyMask::Create(const ReferenceContext& context, int index,
                                const AttentionProduct& product, int64_t past) {
  KeyMask mask;
  mask.batch_ = product.batch;
  mask.queries_ = product.queries;
  mask.keys_ = product.keys;
  mask.past_ = past;
  mask.causal_ = context.Int("unidirectional") != 0;
  mask.filter_ =
      context.HasAttribute("mask_filter_value") ? context.Float("mask_filter_value") : -10000.0F;
  if (!context.HasInput(index)) return mask;
  const Shape& shape = context.Input(index).shape();
  mask.rank_ = shape.rank();
  mask.values_ = context.IntValues(index);
  mask.has_starts_ = shape == Shape{2 * product.batch};
  const bool fits = shape == Shape{product.batch} || mask.has_starts_ ||
                    shape == Shape{product.batch, product.keys} ||
                    shape == Shape{product.batch, product.queries, product.keys};
  if (fits) return mask;
  if (shape == Shape{3 * product.batch + 2} || shape.rank() == 4) {
    return OpContext::Unsupported(fmt::format("a mask of shape {}", shape.ToString()));
  }
  return WrongShape(index, shape,
                    fmt::format("({0},), ({1},), ({0}, {2}) or ({0}, {3}, {2})", product.batch,
                                2 * product.batch, product.keys, product.queries));
}

void KeyMask::Fill(int64_t sample, int64_t query, std::span<double> bias) const {
  std::ranges::fill(bias, 0);
  for (int64_t key = 0; rank_ > 0 && key < keys_; ++key) {
    bool seen = true;
    if (rank_ == 1) {
      seen = key < values_[static_cast<size_t>(sample)];
      if (has_starts_) seen = seen && key >= values_[static_cast<size_t>(batch_ + sample)];
    } else {
      const int64_t row = rank_ == 2 ? sample : sample * queries_ + query;
      seen = values_[static_cast<size_t>(row * keys_ + key)] > 0;
    }
    if (!seen) bias[static_cast<size_t>(key)] = filter_;
  }
  if (!causal_) return;
  for (int64_t key = past_ + query + 1; key < keys_; ++key) {
    bias[static_cast<size_t>(key)] = std::numeric_limits<float>::lowest();
  }
}

Result<ScoreBias> ScoreBias::Create(const ReferenceContext& context, int index,
                                    const AttentionProduct& product) {
  ScoreBias bias;
  if (!context.HasInput(index)) return bias;
  const Shape& shape = context.Input(index).shape();
  const bool fits = shape.rank() == 4 && (shape[0] == 1 || shape[0] == product.batch) &&
                    (shape[1] == 1 || shape[1] == product.query_heads) &&
                    shape[2] == product.queries && shape[3] >= product.keys;
  if (!fits) {
    return WrongShape(index, shape,
                      fmt::format("({} or 1, {} or 1, {}, {})", product.batch, product.query_heads,
                                  product.queries, product.keys));
  }
  bias.data_ = context.Doubles(index).data();
  bias.query_stride_ = shape[3];
  bias.head_stride_ = shape[1] == 1 ? 0 : shape[2] * shape[3];
  bias.sample_stride_ = shape[0] == 1 ? 0 : shape[1] * shape[2] * shape[3];
  return bias;
}

void ScoreBias::Add(int64_t sample, int64_t head, int64_t query, std::span<double> bias) const {
  if (data_ == nullptr) return;
  const double* row = data_ + sample * sample_stride_ + head * head_stride_ + query * query_stride_;
  for (size_t i = 0; i < bias.size(); ++i) bias[i] += row[i];
}

Tensor LastAxisPart(const Tensor& tensor, int64_t begin, int64_t count) {
  Shape shape = tensor.shape();
  const int last = shape.rank() - 1;
  const int64_t width = shape[last];
  const int64_t rows = shape.elements(0, last);
  shape[last] = count;
  Tensor part = Tensor::Allocate(DType::kFloat64, shape);
  const double* in = tensor.data<double>().data();
  double* out = part.mutable_data<double>().data();
  for (int64_t row = 0; row < rows; ++row) {
    out = std::copy_n(in + row * width + begin, count, out);
  }
  return part;
}

AttentionProduct PackedProduct(ReferenceContext& context, const Tensor& query, int64_t heads,
                               const Tensor& key, const Tensor& value) {
  const Shape& shape = query.shape();
  AttentionProduct product = {.batch = shape[0],
                              .query_heads = heads,
                              .key_heads = key.shape()[1],
                              .queries = shape[1],
                              .keys = key.shape()[2],
                              .depth = key.shape()[3],
                              .columns = value.shape()[3]};
  product.query = query.data<double>().data();
  product.query_strides = HeadStrides::Of(heads, product.queries, product.depth, true);
  product.key = key.data<double>().data();
  product.value = value.data<double>().data();
  product.output =
      context.AllocateOutput(0, {product.batch, product.queries, heads * product.columns})
          .mutable_data<double>()
          .data();
  product.output_strides = HeadStrides::Of(heads, product.queries, product.columns, true);
  return product;
}

}  // namespace assay
