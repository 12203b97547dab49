#pragma once

#include "base/status.h"
#include "ir/graph.h"
#include "plan/shape_profile.h"
#include "runners/named_shapes.h"

namespace assay {

// Input shapes that an engine is asked to be for.
struct ProfileRequest {
  NamedShapes min_shapes;
  NamedShapes opt_shapes;
  NamedShapes max_shapes;

  bool empty() const { return min_shapes.empty() && opt_shapes.empty() && max_shapes.empty(); }
};

// The profile for a graph; empty if none is asked for. An input that is named in the request needs
// a smallest and a largest shape, and is tuned for the largest one unless the request says
// otherwise. One that is not named has its shape of `input_shapes`, or that of the model. Errors:
// kUsage, naming what is missing, for an input without one of them or whose shape nothing says, and
// for a name that no input has.
Result<ShapeProfile> RequestedProfile(const Graph& graph, const ProfileRequest& request,
                                      const NamedShapes& input_shapes);

}  // namespace assay
