#pragma once

#include <optional>
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

// Contents of an integer value of rank 0 or 1 as extents, where they follow from shapes and
// constants.
using InferredContents = std::optional<std::vector<Dim>>;

// Checks every node (CheckNode, element types of inputs) and gives every value its type and, as far
// as they follow, its symbolic shape. A declared element type that contradicts is an error; a
// declared shape fills in what inference leaves open, and where it contradicts the inferred one
// wins and a line is added to `notes` (exporters leave stale shapes behind). `contents`
// gets one entry per value. Errors name the node.
Status InferGraph(Graph& graph, const InferOptions& options = {},
                  std::vector<std::string>* notes = nullptr,
                  std::vector<InferredContents>* contents = nullptr);

}  // namespace assay
