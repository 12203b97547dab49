#pragma once

#include <algorithm>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// Operators that take input 0 and give output 0 with the channels as the last axis, and are
// otherwise the same as one that has them behind the batch.

// A shape (batch, spatial..., channels) as (batch, channels, spatial...), and back; shapes of less
// than three axes stay as they are.
template <typename Dims>
Dims ChannelsSecond(Dims dims) {
  if (dims.size() > 2) std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
  return dims;
}
template <typename Dims>
Dims ChannelsLast(Dims dims) {
  if (dims.size() > 2) std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
  return dims;
}

Status InferChannelsLast(InferContext& context, Status (*infer)(InferContext& context));
Status ComputeChannelsLast(ReferenceContext& context,
                           Status (*reference)(ReferenceContext& context));

}  // namespace assay
