#pragma once

#include <map>
#include <memory>
#include <vector>

#include "ir/graph.h"
#include "plan/plan.h"
#include "plan/split.h"

namespace assay {

class Engine;

// What an engine runs for one set of input shapes. Mostly a plan of the whole graph; where data
// decide shapes, or values are no plain tensors, a plan of what can be planned ahead, the nodes
// that then run on boxed values one by one, and an engine for what waits for the shapes of their
// results.
struct Program {
  std::shared_ptr<const Plan> plan;  // of the whole graph, or of split.head; may be nullptr then
  bool is_whole = true;

  // Only if it is not whole:
  std::shared_ptr<const Graph> graph;
  GraphSplit split;
  std::map<const Graph*, std::shared_ptr<Engine>> bodies;  // of boxed nodes
  std::shared_ptr<Engine> rest;  // of split.rest; nullptr if that is empty
};

}  // namespace assay
