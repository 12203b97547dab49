#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "passes/pass.h"

namespace assay {

// A copy of the graph for one set of input shapes: every shape that does not depend on data is a
// number, what depends on shapes alone is a constant, and no graph output is an input, a constant
// or another output. Passes that run again with shapes have run, but for those that `passes`
// disables. Weights are shared. Errors: kUsage for shapes that do not fit the inputs;
// kUnsupported for weights that were not read.
Result<std::shared_ptr<const Graph>> SpecializeGraph(const Graph& graph,
                                                     const std::vector<Shape>& input_shapes,
                                                     PipelineOptions passes, ThreadPool& threads);

// Checks what a plan relies on in such a graph. Errors: kUnsupported for an extent that only data
// decides, naming the value.
Status CheckPlannable(const Graph& graph);

}  // namespace assay
