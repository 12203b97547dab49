#pragma once

#include <cstdint>
#include <string_view>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// A tensor (N, C, D1, ..., Dk) as the normalizations over its channels see it. Rank 1 is N
// instances of one channel.
struct ChannelView {
  int64_t batch = 1;
  int64_t channels = 1;
  int64_t inner = 1;  // D1 * ... * Dk

  int64_t planes() const { return batch * channels; }
};
ChannelView ChannelsOf(const Shape& shape);

// Extent of the channels of input 0; unknown if its rank is.
Dim InferredChannels(const InferContext& context);

// Error unless input i has rank 1 and `count` elements, as far as inference knows.
Status InferParameter(const InferContext& context, int i, std::string_view name, const Dim& count);
// Error unless input i has `count` elements.
Status CheckParameter(const ReferenceContext& context, int i, std::string_view name, int64_t count);

// y = scale * (x - mean) / sqrt(variance + epsilon) + bias with the moments of every group of
// neighbouring channels of every instance. Inputs are x, scale and bias; the last two have one
// element per channel, or per group if `per_group`. Errors: kInvalidInput if `groups` does not
// divide the channels or a parameter does not fit.
Status NormalizeGroups(ReferenceContext& context, int64_t groups, bool per_group, double epsilon);

}  // namespace assay
