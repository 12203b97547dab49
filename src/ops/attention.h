#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/op_context.h"

namespace assay {

// The fused operator Attention of the domain "assay":
//
//   q, k, v = Q, K, V with axes in the orders that "query_perm", "key_perm" and "value_perm" give
//   Y = Softmax(scale * (q x k) + mask, the last axis) x v, with axes in the order of "output_perm"
//
// q is (..., queries, depth), k (..., depth, keys), v (..., keys, columns), with equal leading
// axes. The mask, input 3, broadcasts to the scores (..., queries, keys). An order that is not
// given leaves axes as they are. The scale is a float64 of one element, 1 if it is not given.
// Passes make this operator; models cannot name it.

// The order of axes that an attribute of an Attention gives, 0, 1, ... without it.
std::vector<int64_t> AttentionAxes(const OpContext& attention, std::string_view attribute,
                                   int rank);
double AttentionScale(const OpContext& attention);

}  // namespace assay
