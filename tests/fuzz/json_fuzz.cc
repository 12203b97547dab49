#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tensor/polygraphy_json.h"
#include "tests/fuzz/tensor_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto inputs = assay::ParseInputsJson(text, "input");
  if (inputs.ok()) {
    for (const assay::TensorMap& map : *inputs) {
      for (const assay::NamedTensor& item : map) assay::CheckTensor(item.tensor);
    }
  }
  const auto runs = assay::ParseOutputsJson(text, "input");
  if (runs.ok()) {
    for (const assay::RecordedRun& run : *runs) {
      for (const assay::RecordedIteration& iteration : run.iterations) {
        for (const assay::NamedTensor& item : iteration.outputs) assay::CheckTensor(item.tensor);
      }
    }
  }
  return 0;
}
