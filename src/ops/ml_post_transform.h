#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "ops/op_context.h"

namespace assay {

// What ai.onnx.ml does to the scores of one example. The numbers are those of TreeEnsemble.
enum class PostTransform : int8_t {
  kNone = 0,
  kSoftmax = 1,
  kLogistic = 2,
  kSoftmaxZero = 3,  // a softmax of the scores that are not zero; zeros stay
  kProbit = 4,       // quantiles of the normal distribution
};

// The attribute post_transform, by name or (TreeEnsemble) by number.
Result<PostTransform> PostTransformOf(const OpContext& context);
Result<PostTransform> PostTransformByNumber(const OpContext& context);

void Apply(PostTransform transform, std::span<double> scores);

// The x below which the normal distribution has the share p, within a few units in the last place;
// infinite at 0 and 1 and NaN outside. A start by Winitzki's formula, refined by Halley's method.
double NormalQuantile(double p);

}  // namespace assay
