#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"
#include "tactics/tactic.h"

namespace assay {

// Where the bytes of a value are while a plan runs.
struct Location {
  enum class Kind : uint8_t {
    kNone,      // left out
    kInput,     // bound by the caller; index of the model's input
    kOutput,    // bound by the caller; index of the model's output
    kConstant,  // a constant of the graph
    kArena,     // offset into the arena
  };
  Kind kind = Kind::kNone;
  size_t index = 0;  // input, output or value id
  size_t offset = 0;
  size_t bytes = 0;
};

// One execution of a tactic.
struct Step {
  const Tactic* tactic = nullptr;
  NodeId node = kNoNode;  // of the plan's graph
  Preparation preparation;
  std::vector<Location> inputs;
  std::vector<Location> outputs;
  Location workspace;  // kArena or kNone
  // Names the packed weights that the step needs; empty: none. Plans for other shapes share them.
  std::string packed_key;
  std::vector<std::string> origins;  // names of the model's nodes that it stands for
};

// A value in the arena.
struct StoredValue {
  ValueId value = kNoValue;  // kNoValue: workspace
  Format format;
  size_t offset = 0;
  size_t bytes = 0;
  int first_step = 0;  // that writes it
  int last_step = 0;   // that reads it
  int alias_of = -1;   // index of the stored value whose memory it lies in
};

// What runs, in order, and where everything lies, for one set of input shapes. Immutable once made;
// the same graph, options and machine give the same plan.
struct Plan {
  std::shared_ptr<const Graph> graph;  // concrete shapes, after all passes
  std::vector<Shape> input_shapes;
  std::vector<Step> steps;
  std::vector<StoredValue> values;
  size_t arena_bytes = 0;
  size_t lower_bound_bytes = 0;  // most bytes alive at one step
};

}  // namespace assay
