#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/npz.h"
#include "tensor/run_archive.h"
#include "tests/fuzz/tensor_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const assay::Result<assay::TensorMap> map =
      assay::ParseNpz(bytes, assay::OwnerOfInput(), "input");
  if (!map.ok()) return 0;
  for (const assay::NamedTensor& item : *map) assay::CheckTensor(item.tensor);
  (void)assay::UnpackInputs(*map);
  (void)assay::UnpackOutputs(*map, "runner");
  return 0;
}
