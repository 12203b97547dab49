#include "tensor/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace assay {
namespace {

class Hasher {
 public:
  Hasher() { XXH3_128bits_reset(&state_); }
  void Bytes(const void* data, size_t bytes) {
    if (bytes > 0) XXH3_128bits_update(&state_, data, bytes);
  }
  void Number(uint64_t value) {
    unsigned char bytes[8];
    for (unsigned char& byte : bytes) {
      byte = static_cast<unsigned char>(value);
      value >>= 8;
    }
    Bytes(bytes, sizeof(bytes));
  }
  void Text(std::string_view text) {
    Number(text.size());
    Bytes(text.data(), text.size());
  }
  ContentHash Finish() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    return {hash.high64, hash.low64};
  }

 private:
  XXH3_state_t state_{};
};

void HashElements(const Tensor& tensor, Hasher& hasher) {
  if (tensor.dtype() == DType::kString) {
    for (const std::string& text : tensor.data<std::string>()) hasher.Text(text);
    return;
  }
  const size_t bytes = tensor.byte_size();
  const auto bits =
      static_cast<size_t>(tensor.elements()) * static_cast<size_t>(DTypeBits(tensor.dtype()));
  const size_t used_in_last_byte = bits % 8;
  if (used_in_last_byte == 0) {
    hasher.Bytes(tensor.bytes().data(), bytes);
    return;
  }
  const auto* data = reinterpret_cast<const uint8_t*>(tensor.bytes().data());
  hasher.Bytes(data, bytes - 1);
  const auto last = static_cast<uint8_t>(data[bytes - 1] & ((1 << used_in_last_byte) - 1));
  hasher.Bytes(&last, 1);
}

}  // namespace

std::string ContentHash::ToString() const { return fmt::format("{:016x}{:016x}", high, low); }

ContentHash HashTensor(const Tensor& tensor) {
  Hasher hasher;
  hasher.Text(DTypeName(tensor.dtype()));
  hasher.Number(static_cast<uint64_t>(tensor.shape().rank()));
  for (const int64_t extent : tensor.shape()) hasher.Number(static_cast<uint64_t>(extent));
  HashElements(tensor, hasher);
  return hasher.Finish();
}

ContentHash HashTensors(const TensorMap& tensors) {
  std::vector<std::pair<std::string_view, ContentHash>> items;
  for (const NamedTensor& item : tensors) items.emplace_back(item.name, HashTensor(item.tensor));
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.high, a.second.low) <
           std::tie(b.first, b.second.high, b.second.low);
  });
  Hasher hasher;
  hasher.Number(items.size());
  for (const auto& [name, hash] : items) {
    hasher.Text(name);
    hasher.Number(hash.high);
    hasher.Number(hash.low);
  }
  return hasher.Finish();
}

}  // namespace assay
