#include "ops/attention_bias.h"

#include <fmt/format.h>

#include <limits>

#include "ops/elementwise.h"

namespace assay {
namespace {

constexpr double kHidden = -std::numeric_limits<double>::infinity();

// The mask as what is added to scores.
Tensor AddedMask(const Tensor& mask) {
  if (mask.dtype() == DType::kFloat64) return mask;
  Tensor added = Tensor::Allocate(DType::kFloat64, mask.shape());
  const std::span<double> out = added.mutable_data<double>();
  if (mask.dtype() == DType::kBool) {
    const std::span<const uint8_t> seen = BoolBytes(mask);
    for (size_t i = 0; i < out.size(); ++i) out[i] = seen[i] != 0 ? 0 : kHidden;
  } else {
    for (size_t i = 0; i < out.size(); ++i) out[i] = mask.ValueAsDouble(static_cast<int64_t>(i));
  }
  return added;
}

}  // namespace

Status AttentionBias::CheckMask(const SymbolicShape& mask, const AttentionSizes& sizes,
                                const Rules& rules) {
  const SymbolicShape scores = {sizes.batch, sizes.query_heads, sizes.queries, sizes.keys()};
  bool fits = mask.size() <= scores.size();
  for (size_t i = 0; fits && i < mask.size(); ++i) {
    const Dim& own = mask[mask.size() - 1 - i];
    const Dim& full = scores[scores.size() - 1 - i];
    if (!own.IsKnown() || !full.IsKnown() || own.value() == full.value()) continue;
    fits = i == 0 && rules.pads_mask ? own.value() < full.value() : own.value() == 1;
  }
  if (fits) return OkStatus();
  return OpContext::Invalid(fmt::format("attn_mask: shape {} does not broadcast to the scores {}",
                                        ToString(mask), ToString(scores)));
}

AttentionBias::AttentionBias(const Rules& rules, const Tensor* mask, const AttentionSizes& sizes,
                             std::vector<int64_t> first_positions, std::vector<int64_t> key_counts)
    : rules_(rules),
      mask_keys_(sizes.keys().value()),
      first_positions_(std::move(first_positions)),
      key_counts_(std::move(key_counts)) {
  if (mask == nullptr) return;
  mask_ = AddedMask(*mask);
  const Shape& shape = mask_.shape();
  const std::vector<int64_t> strides = shape.Strides();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    mask_strides_[4 - shape.rank() + axis] = strides[static_cast<size_t>(axis)];
  }
  if (rules.pads_mask && shape.rank() > 0) mask_keys_ = shape[shape.rank() - 1];
}

bool AttentionBias::Fill(int64_t sample, int64_t head, int64_t query,
                         std::span<double> bias) const {
  const int64_t position = first_positions_[static_cast<size_t>(sample)] + query;
  const int64_t count = key_counts_[static_cast<size_t>(sample)];
  const double* mask = nullptr;
  if (mask_.valid()) {
    mask = mask_.data<double>().data() + sample * mask_strides_[0] + head * mask_strides_[1] +
           query * mask_strides_[2];
  }
  bool sees_any = false;
  for (size_t i = 0; i < bias.size(); ++i) {
    const auto key = static_cast<int64_t>(i);
    const bool masked = mask == nullptr || key >= mask_keys_;
    double value = masked ? 0 : mask[key * mask_strides_[3]];
    if (key >= mask_keys_ || key >= count || !Sees(position, key)) value += kHidden;
    bias[i] = value;
    sees_any |= value != kHidden;
  }
  return sees_any;
}

}  // namespace assay
