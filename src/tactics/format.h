#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace assay {

// Order of elements in memory.
enum class Layout : uint8_t {
  kRowMajor = 0,  // as in a Tensor
  kBlockedChannels =
      1,  // (N, C, spatial...) as [N][ceil(C / block)][spatial...][block], zeros behind C
};

// How a value is stored while an engine runs, apart from what the model says it is: the same fp32
// value may be stored as it is, as half precision, or as several bfloat16 planes that add up to it.
struct Format {
  DType storage = DType::kFloat32;
  Layout layout = Layout::kRowMajor;
  int block = 1;   // channels per block, for kBlockedChannels
  int planes = 1;  // copies of the whole array, most significant first, whose sum is the value

  bool operator==(const Format&) const = default;
  // "float32", "float32/c16", "bfloat16x3/c32".
  std::string ToString() const;
};

// What ToString wrote; nullopt for any other text.
std::optional<Format> ParseFormat(std::string_view text);

inline Format RowMajor(DType dtype) { return {.storage = dtype}; }

// Bytes of a value of this shape in this format, without padding at the end.
size_t StorageBytes(const Format& format, const Shape& shape);

}  // namespace assay
