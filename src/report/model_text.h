#pragma once

#include <string>

#include "ir/graph.h"

namespace assay {

struct ModelTextOptions {
  bool layers = false;      // nodes with their inputs and outputs
  bool attributes = false;  // of nodes; needs layers
  bool weights = false;     // values of initializers
};

// What `inspect model` prints, in the layout of Polygraphy. Shapes stand as the graph has them:
// inferred ones as expressions over the symbols of the inputs.
std::string ModelText(const Model& model, const ModelTextOptions& options);

}  // namespace assay
