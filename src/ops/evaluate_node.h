#pragma once

#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "ops/reference_context.h"
#include "tensor/runtime_value.h"
#include "tensor/tensor.h"

namespace assay {

// Computes one node in float64. `inputs` has one entry per input, nullptr for those left out,
// floating ones as kFloat64, or as declared with `declared_types`, for an operator with
// OpDef::moves_values. The graph must have passed InferGraph. `run_body` runs bodies; nodes without
// one need none. Returns one value per output, floating ones as kFloat64 or as they came; those
// that nobody wants may be empty. An output may share memory with an input. Errors: those of the
// operator; kResourceLimit when memory runs out. The caller adds the node's label.
Result<std::vector<RuntimeValue>> EvaluateNode(const Graph& graph, const Node& node,
                                               std::vector<const RuntimeValue*> inputs,
                                               ThreadPool& threads, const BodyRunner& run_body = {},
                                               bool declared_types = false);

// The same for a node whose inputs and outputs are tensors.
Result<std::vector<Tensor>> EvaluateNode(const Graph& graph, const Node& node,
                                         const std::vector<const Tensor*>& inputs,
                                         ThreadPool& threads);

}  // namespace assay
