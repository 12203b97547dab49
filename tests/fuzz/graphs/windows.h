#pragma once

#include <vector>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {

// A window that moves over the axes behind the first two.
struct Window {
  std::vector<int64_t> kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<Attribute> attributes;  // kernel_shape, strides, dilations, pads or auto_pad
};

// Fits into the input with its padding if `inside`. Padding is below the kernel's extent.
Window DrawWindow(GraphMaker& maker, const Shape& input, bool inside, bool dilated = true);

}  // namespace assay::fuzz
