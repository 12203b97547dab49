#pragma once

#include <cstdlib>
#include <memory>

#include "tensor/hash.h"
#include "tensor/npy.h"
#include "tensor/tensor.h"

namespace assay {

// What every tensor that a reader lets through must stand: all of it can be read, and it comes back
// the same after being written as .npy.
inline void CheckTensor(const Tensor& tensor) {
  const ContentHash hash = HashTensor(tensor);
  for (int64_t i = 0; i < tensor.elements() && i < 64; ++i) {
    if (tensor.dtype() != DType::kString) tensor.ValueAsDouble(i);
  }
  const Result<NpyParts> parts = EncodeNpy(tensor);
  if (!parts.ok()) return;  // shorter strings beside one that takes all the memory
  std::string file = parts->header;
  file.append(reinterpret_cast<const char*>(parts->elements.data()), parts->elements.size());
  const Result<Tensor> back =
      ParseNpy(std::as_bytes(std::span(file.data(), file.size())), nullptr, "");
  if (!back.ok() || HashTensor(*back) != hash) std::abort();
}

// Readers may make views of memory that has an owner; here it outlives them.
inline std::shared_ptr<const void> OwnerOfInput() { return std::make_shared<int>(0); }

}  // namespace assay
