#include "tactics/cpu/index_list.h"

#include <fmt/format.h>

namespace assay {

Status IndexList::Check(int64_t first, int64_t step, int64_t count, int64_t extent) const {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = (*this)[first + i * step];
    if (index >= -extent && index < extent) continue;
    return Status(
        StatusCode::kInvalidInput,
        fmt::format("index: expected a value in [{}, {}), got {}", -extent, extent, index));
  }
  return OkStatus();
}

bool IsIndexInput(const Instance& instance, int input) {
  return instance.Is(input, DType::kInt32) || instance.Is(input, DType::kInt64);
}

}  // namespace assay
