#pragma once

#include <cstdint>
#include <string>

#include "tensor/tensor.h"

namespace assay {

// 128-bit content hash, XXH3 of xxHash. Not cryptographic.
struct ContentHash {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const ContentHash&) const = default;
  // 32 hexadecimal digits.
  std::string ToString() const;
};

// Over element type, shape and bytes; NaN payloads and signed zeros count. Unused bits at the end
// of a packed tensor do not. Strings are hashed with their lengths.
ContentHash HashTensor(const Tensor& tensor);

// Over the names and contents of all tensors, whatever their order.
ContentHash HashTensors(const TensorMap& tensors);

}  // namespace assay
