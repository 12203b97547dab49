#pragma once

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {

// The windows of signal processing that are a sum of cosines:
// w(k) = a0 - a1 cos(2 pi k / n) + a2 cos(4 pi k / n) for k in [0, size), with n = size for a
// periodic window and n = size - 1 for a symmetric one. A symmetric window of one element is NaN,
// which is what the operators' definitions by functions give.
struct CosineWindow {
  double a0;
  double a1;
  double a2;
};

inline constexpr DTypeSet kWindowTypes = kNumeric;

inline constexpr OpSchema kCosineWindowSchema = {
    .since = 17,
    .inputs = {{"size", kIndexTypes}},
    .outputs = {{"output", kWindowTypes}},
    .attributes = {IntAttribute("output_datatype", 1), IntAttribute("periodic", 1)},
};

Status InferCosineWindow(InferContext& context);

Status EvaluateCosineWindow(ReferenceContext& context, const CosineWindow& window);

}  // namespace assay
