#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace assay {

// Result of fitting a tensor to a shape: `tensor` has that shape if `fits`.
struct AlignedTensor {
  Tensor tensor;
  bool fits = false;
  std::vector<std::string> notes;     // "Reshaped array from shape: (1, 4) to: (4,)"
  std::vector<std::string> warnings;  // "Could not reshape array from shape: ..."
};

// Permutes the axes if the extents agree but for their order (each extent takes the first free axis
// of that length), else reshapes: what --no-shape-check does to the reference.
AlignedTensor AlignToShape(const Tensor& tensor, const Shape& shape);

}  // namespace assay
