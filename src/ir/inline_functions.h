#pragma once

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// The model's graph with every call of one of its functions replaced by the function's body, in
// bodies of nodes as well. Attributes that a body refers to get the values of the call, or the
// function's defaults. Nodes of a body are named "<call>/<node>" and have the call among their
// origins' names; values likewise. A model's function comes before an operator of the same name.
// Errors: kInvalidInput for calls with other numbers of inputs or outputs than the function has and
// for functions that call themselves, naming the node.
Result<Graph> InlineFunctions(const Model& model);

}  // namespace assay
