#pragma once

#include <cstdint>
#include <vector>

#include "tactics/instance.h"

namespace assay {

// What Slice takes along one axis: start, start + step, ... (count elements).
struct SliceRange {
  int64_t start = 0;
  int64_t step = 1;
  int64_t count = 0;
};

// One range per axis of input 0. Errors: kUnsupported unless every bound is constant.
Result<std::vector<SliceRange>> SliceRangesOf(const Instance& instance);

}  // namespace assay
