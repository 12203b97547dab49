#include "tactics/format.h"

#include <fmt/format.h>

#include "tensor/tensor.h"

namespace assay {

std::string Format::ToString() const {
  std::string text(DTypeName(storage));
  if (planes > 1) text += fmt::format("x{}", planes);
  if (layout == Layout::kBlockedChannels) text += fmt::format("/c{}", block);
  return text;
}

size_t StorageBytes(const Format& format, const Shape& shape) {
  int64_t elements = shape.elements();
  if (format.layout == Layout::kBlockedChannels && shape.rank() >= 2) {
    const int64_t blocks = (shape[1] + format.block - 1) / format.block;
    elements = shape[0] * blocks * format.block * shape.elements(2, shape.rank());
  }
  return Tensor::ByteSize(format.storage, elements) * static_cast<size_t>(format.planes);
}

}  // namespace assay
