#pragma once

#include "base/inline_list.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {

// What NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss share: input 0 holds a score for every
// class, shape (N, C, d1, ..., dk); input 1 the class of every sample, shape (N, d1, ..., dk); the
// optional input 2 a weight for every class, shape (C).

// The attributes of both.
inline constexpr InlineList<AttributeDef, 24> kClassLossAttributes = {
    OptionalAttribute("ignore_index", AttributeKind::kInt), StringAttribute("reduction", "mean")};

// Checks shapes and the reduction, and sets output 0: the shape of the samples if nothing is
// reduced, else a scalar.
Status InferClassLoss(InferContext& context);

// The same checks on shapes that are known.
Status CheckClassLoss(const ReferenceContext& context);

// Sets output 0 from log-probabilities of the shape of input 0. The loss of a sample is minus the
// log-probability of its class times the weight of the class; 0 where the class is ignore_index.
// The mean is the sum of losses over the sum of weights, in which ignored samples count nothing.
// Errors: a class outside [0, C) that is not ignored.
Status ReduceClassLoss(ReferenceContext& context, const double* log_probabilities);

}  // namespace assay
