#include <cstdint>
#include <utility>

#include "tensor/image_codec.h"

namespace assay {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;
constexpr uint16_t kShortType = 3;

// Integers of a TIFF structure in its own byte order; 0 beyond its end.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes) {
    big_endian_ = bytes_.size() > 1 && bytes_[0] == std::byte{'M'};
  }
  uint32_t Read(size_t offset, size_t bytes) const {
    if (offset > bytes_.size() || bytes > bytes_.size() - offset) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      const size_t at = offset + (big_endian_ ? i : bytes - 1 - i);
      value = value << 8 | static_cast<uint32_t>(bytes_[at]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_ = false;
};

template <typename T>
std::vector<T> Reorder(const std::vector<T>& samples, const Image& from, int orientation) {
  if (samples.empty()) return {};
  const bool transposed = orientation >= 5;
  const int64_t width = transposed ? from.height : from.width;
  const int64_t height = transposed ? from.width : from.height;
  std::vector<T> out(samples.size());
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      int64_t column = transposed ? y : x;
      int64_t row = transposed ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
        column = from.width - 1 - column;
      }
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
        row = from.height - 1 - row;
      }
      const auto source = static_cast<size_t>(row * from.width + column) * 3;
      const auto target = static_cast<size_t>(y * width + x) * 3;
      for (size_t channel = 0; channel < 3; ++channel)
        out[target + channel] = samples[source + channel];
    }
  }
  return out;
}

}  // namespace

int ReadExifOrientation(std::span<const std::byte> segment) {
  constexpr char kMark[] = {'E', 'x', 'i', 'f', '\0', '\0'};
  if (segment.size() < sizeof(kMark)) return 1;
  for (size_t i = 0; i < sizeof(kMark); ++i) {
    if (segment[i] != std::byte{static_cast<uint8_t>(kMark[i])}) return 1;
  }
  const Tiff tiff(segment.subspan(sizeof(kMark)));
  const size_t directory = tiff.Read(4, 4);
  const size_t entries = tiff.Read(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (tiff.Read(entry, 2) != kOrientationTag || tiff.Read(entry + 2, 2) != kShortType) continue;
    const uint32_t value = tiff.Read(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

void ApplyOrientation(int orientation, Image& image) {
  if (orientation < 2 || orientation > 8) return;
  image.samples8 = Reorder(image.samples8, image, orientation);
  image.samples16 = Reorder(image.samples16, image, orientation);
  if (orientation >= 5) std::swap(image.width, image.height);
}

}  // namespace assay
