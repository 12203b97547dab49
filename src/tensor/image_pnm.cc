#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "tensor/image_codec.h"

namespace assay {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Takes the next number of the header; space and comments may stand before it.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  while (!text.empty() && (IsSpace(text.front()) || text.front() == '#')) {
    if (text.front() == '#') {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else {
      text.remove_prefix(1);
    }
  }
  int64_t value = 0;
  size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
    if (++digits > 10) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  return value;
}

Status Corrupt(std::string_view message) {
  return Status(StatusCode::kInvalidInput,
                fmt::format("corrupt or truncated PPM/PGM: {}", message));
}

// Scales a sample to the full range of the picture's bits, to the nearest value.
template <typename T>
T ScaleSample(int64_t sample, int64_t maximum) {
  constexpr int64_t kFull = std::numeric_limits<T>::max();
  return static_cast<T>((sample * kFull + maximum / 2) / maximum);
}

// `stored` holds big-endian samples of one byte, or two if the maximum is above 255.
template <typename T>
Status ReadSamples(std::string_view stored, int64_t maximum, size_t channels,
                   std::vector<T>& samples) {
  const size_t width = maximum > 255 ? 2 : 1;
  for (size_t pixel = 0; pixel < samples.size() / 3; ++pixel) {
    for (size_t channel = 0; channel < 3; ++channel) {
      const size_t position = (pixel * channels + (channels == 1 ? 0 : channel)) * width;
      int64_t value = static_cast<uint8_t>(stored[position]);
      if (width == 2) value = value << 8 | static_cast<uint8_t>(stored[position + 1]);
      if (value > maximum)
        return Corrupt(fmt::format("expected samples up to {}, got {}", maximum, value));
      samples[pixel * 3 + channel] = ScaleSample<T>(value, maximum);
    }
  }
  return OkStatus();
}

}  // namespace

Result<Image> DecodePnm(std::span<const std::byte> bytes, const ImageLimits& limits) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t channels = text.starts_with("P6") ? 3 : 1;
  text.remove_prefix(2);
  const std::optional<int64_t> width = TakeNumber(text);
  const std::optional<int64_t> height = width ? TakeNumber(text) : std::nullopt;
  const std::optional<int64_t> maximum = height ? TakeNumber(text) : std::nullopt;
  if (!maximum || text.empty() || !IsSpace(text.front())) return Corrupt("malformed header");
  if (*maximum < 1 || *maximum > 65535) {
    return Corrupt(fmt::format("expected a maximum in [1, 65535], got {}", *maximum));
  }
  text.remove_prefix(1);
  const int bits = *maximum > 255 ? 16 : 8;
  // At most ten digits each: the product of the extents fits, and so does that with six.
  const uint64_t pixels = static_cast<uint64_t>(*width) * static_cast<uint64_t>(*height);
  const uint64_t sample_bytes = channels * static_cast<uint64_t>(bits / 8);
  if (*width > 0 && *height > 0 && text.size() / sample_bytes < pixels) {
    return Corrupt(fmt::format("expected {}x{} pixels of {} bytes, got {} bytes", *width, *height,
                               sample_bytes, text.size()));
  }
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(*width, *height, bits, limits, image));
  ASSAY_RETURN_IF_ERROR(bits == 16 ? ReadSamples(text, *maximum, channels, image.samples16)
                                   : ReadSamples(text, *maximum, channels, image.samples8));
  return image;
}

}  // namespace assay
