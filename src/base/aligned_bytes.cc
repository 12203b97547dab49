#include "base/aligned_bytes.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>

namespace assay {
namespace {

constexpr size_t kAlignment = 64;

}  // namespace

void AlignedBytes::Free::operator()(std::byte* data) const { std::free(data); }

Result<AlignedBytes> AlignedBytes::Allocate(size_t bytes) {
  AlignedBytes block;
  if (bytes <= std::numeric_limits<size_t>::max() - 2 * kAlignment) {
    const size_t rounded = (bytes + kAlignment) / kAlignment * kAlignment;
    block.data_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded)));
  }
  if (block.data_ == nullptr) {
    return Status(StatusCode::kResourceLimit,
                  fmt::format("cannot allocate {} bytes of memory", bytes));
  }
  block.size_ = bytes;
  return block;
}

}  // namespace assay
