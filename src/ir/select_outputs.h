#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// Which values of a graph are to be its outputs. Names may be patterns (base/wildcard.h); a name
// that a value has is taken as that name, whatever it looks like.
struct OutputSelection {
  // Replace the present outputs: names of inputs and node outputs, in this order. {"*"} and
  // {"mark", "all"} stand for the outputs of all nodes.
  std::vector<std::string> outputs;
  // Operator types, in any case, whose outputs are wanted; they are added to `outputs`, or replace
  // the present outputs if that is empty.
  std::vector<std::string> by_type;
  // Taken away in the end.
  std::vector<std::string> exclude;

  bool empty() const { return outputs.empty() && by_type.empty() && exclude.empty(); }
};

// Changes graph.outputs and nothing else. A pattern that matches nothing is a warning.
// Errors: kUsage for a name or operator type that the graph does not have (hint: near names) and if
// no output is left.
Status SelectOutputs(Graph& graph, const OutputSelection& selection, LogSink& log = NullLog());

}  // namespace assay
