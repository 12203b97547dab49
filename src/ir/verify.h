#pragma once

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// Checks what every stage may rely on: ids are in range; every value that is used has exactly one
// definition (an input, a constant, a capture or a node output) and names its producer; nodes stand
// in topological order, captures of their subgraphs included; constants have their value's type;
// names are unique; captures have the name of the outer value and an outer value of that name
// exists; inputs of the model have a type; attributes are given once and refer to a function's only
// inside one; attribute subgraphs likewise.
//
// Errors: kInvalidInput naming the graph, node and value. After a pass it is a defect of the pass.
Status VerifyModel(const Model& model);
// One graph without an enclosing one.
Status VerifyGraph(const Graph& graph);

}  // namespace assay
