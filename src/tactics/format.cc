#include "tactics/format.h"

#include <fmt/format.h>

#include <charconv>

#include "tensor/tensor.h"

namespace assay {

std::string Format::ToString() const {
  std::string text(DTypeName(storage));
  if (planes > 1) text += fmt::format("x{}", planes);
  if (layout == Layout::kBlockedChannels) text += fmt::format("/c{}", block);
  return text;
}

std::optional<Format> ParseFormat(std::string_view text) {
  const auto number = [](std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
  };
  Format format;
  std::string_view type = text;
  if (const size_t slash = text.find("/c"); slash != std::string_view::npos) {
    format.layout = Layout::kBlockedChannels;
    format.block = number(text.substr(slash + 2));
    type = text.substr(0, slash);
  }
  for (int dtype = 1; dtype < kDTypeCount; ++dtype) {
    format.storage = static_cast<DType>(dtype);
    const std::string_view name = DTypeName(format.storage);
    if (!type.starts_with(name)) continue;
    const std::string_view rest = type.substr(name.size());
    format.planes = rest.empty() ? 1 : rest.starts_with('x') ? number(rest.substr(1)) : 0;
    if (format.block > 0 && format.planes > 0 && format.ToString() == text) return format;
  }
  return std::nullopt;
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
