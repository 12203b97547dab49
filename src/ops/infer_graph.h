#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

struct InferOptions {
  // Shapes that replace the declared ones of inputs, by name.
  std::vector<std::pair<std::string, Shape>> input_shapes;
};

// Checks every node (CheckNode, element types of inputs) and gives every value its type and, as far
// as they follow, its symbolic shape. A declared element type that contradicts is an error; a
// declared shape fills in what inference leaves open, and where it contradicts the inferred one
// wins and a line is added to `notes` (exporters leave stale shapes behind). Errors name the node.
Status InferGraph(Graph& graph, const InferOptions& options = {},
                  std::vector<std::string>* notes = nullptr);

}  // namespace assay
