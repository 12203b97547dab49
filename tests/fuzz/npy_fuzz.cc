#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/npy.h"
#include "tests/fuzz/tensor_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const auto& owner : {std::shared_ptr<const void>(), assay::OwnerOfInput()}) {
    const assay::Result<assay::Tensor> tensor = assay::ParseNpy(bytes, owner, "input");
    if (tensor.ok()) assay::CheckTensor(*tensor);
  }
  return 0;
}
