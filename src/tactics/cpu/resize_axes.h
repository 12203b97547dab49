#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "ops/resampling.h"
#include "tactics/instance.h"

namespace assay {

// What Resize or Upsample does to one axis: output i is the weighted sum of taps
// [first[i], first[i + 1]).
struct ResizeAxis {
  int64_t input = 0;
  int64_t output = 0;
  std::vector<size_t> first;
  std::vector<int64_t> index;
  std::vector<float> weight;
  std::vector<char> outside;  // per output: takes the extrapolation value
  bool is_identity = true;
  bool has_outside = false;
};

struct ResizePlan {
  Interpolation interpolation = Interpolation::kNearest;
  float extrapolation_value = 0;
  std::vector<ResizeAxis> axes;
};

// The plan of a Resize or Upsample of any opset. Errors: kUnsupported unless scales, sizes and roi
// are constant, and for whatever does not fit together.
Result<ResizePlan> PlanResize(const Instance& instance);

}  // namespace assay
