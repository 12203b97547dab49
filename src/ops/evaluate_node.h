#pragma once

#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "tensor/tensor.h"

namespace assay {

// Computes one node in float64. `inputs` has one entry per input, nullptr for those left out,
// floating ones as kFloat64. The graph must have passed InferGraph. Returns one tensor per output,
// floating ones as kFloat64; those that nobody wants may be empty. An output may share memory with
// an input. Errors: those of the operator; kResourceLimit when memory runs out. The caller adds the
// node's label.
Result<std::vector<Tensor>> EvaluateNode(const Graph& graph, const Node& node,
                                         std::vector<const Tensor*> inputs, ThreadPool& threads);

}  // namespace assay
