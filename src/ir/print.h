#pragma once

#include <cstdint>
#include <string>

#include "ir/graph.h"

namespace assay {

struct PrintOptions {
  // Constants and tensor attributes show their elements up to this number, others only their type.
  int64_t max_elements = 8;
  bool constants = true;  // a line for every constant
};

// A stable text of a graph for people and golden tests, one line per node:
//
//   graph "main" (%x: float32(N, 3, 224, 224)) {
//     %k: int64(2,) = [1, 2]
//     %w: float32(64, 3, 7, 7) = constant
//     %out = Conv(%x, %w) {kernel_shape=[7, 7]} : float32(N, 64, 112, 112)  # "/conv1"
//     return %out
//   }
//
// Names of other characters than letters, digits and _./:- are quoted, values without a name are
// shown as %#id, inputs and outputs that are left out as _.
std::string PrintGraph(const Graph& graph, const PrintOptions& options = {});
// Also the versions, metadata and functions.
std::string PrintModel(const Model& model, const PrintOptions& options = {});

// "[1, 2.5, nan]", at most `max_elements` of them and then "...".
std::string PrintElements(const Tensor& tensor, int64_t max_elements);

}  // namespace assay
