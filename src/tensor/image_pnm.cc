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
                fmt::format("corrupt or truncated PPM/PGM/PBM: {}", message));
}

// Scales a sample to the full range of the picture's bits, to the nearest value.
template <typename T>
T ScaleSample(int64_t sample, int64_t maximum) {
  constexpr int64_t kFull = std::numeric_limits<T>::max();
  return static_cast<T>((sample * kFull + maximum / 2) / maximum);
}

// What the header says.
struct Header {
  int64_t width = 0;
  int64_t height = 0;
  int64_t maximum = 1;
  size_t channels = 1;
  bool text = false;    // P1 to P3: samples as decimal numbers
  bool bitmap = false;  // P1 and P4: 1 is black

  uint64_t pixels() const { return static_cast<uint64_t>(width) * static_cast<uint64_t>(height); }
  uint64_t row_samples() const { return static_cast<uint64_t>(width) * channels; }
  // Fewest bytes that can hold the samples. Extents have at most ten digits: nothing overflows.
  uint64_t LeastBytes() const {
    if (text) return pixels() * channels;
    if (bitmap) return (row_samples() + 7) / 8 * static_cast<uint64_t>(height);
    return pixels() * channels * (maximum > 255 ? 2 : 1);
  }
};

// Leaves `text` at the first sample.
Result<Header> TakeHeader(std::string_view& text) {
  const char kind = text[1];
  Header header;
  header.text = kind <= '3';
  header.bitmap = kind == '1' || kind == '4';
  header.channels = kind == '3' || kind == '6' ? 3 : 1;
  text.remove_prefix(2);
  const std::optional<int64_t> width = TakeNumber(text);
  const std::optional<int64_t> height = width ? TakeNumber(text) : std::nullopt;
  std::optional<int64_t> maximum = 1;
  if (!header.bitmap) maximum = height ? TakeNumber(text) : std::nullopt;
  if (!height || !maximum || text.empty() || !IsSpace(text.front())) {
    return Corrupt("malformed header");
  }
  if (*maximum < 1 || *maximum > 65535) {
    return Corrupt(fmt::format("expected a maximum in [1, 65535], got {}", *maximum));
  }
  text.remove_prefix(1);
  header.width = *width;
  header.height = *height;
  header.maximum = *maximum;
  if (*width > 0 && *height > 0 && text.size() < header.LeastBytes()) {
    return Corrupt(fmt::format("expected at least {} bytes for {}x{} pixels, got {}",
                               header.LeastBytes(), *width, *height, text.size()));
  }
  return header;
}

// The bits of a text bitmap need no space between them.
std::optional<int64_t> TakeBit(std::string_view& text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return std::nullopt;
  const int64_t bit = text.front() - '0';
  text.remove_prefix(1);
  return bit;
}

// Sample `index` in row-major order; those of a text must be asked for in order.
std::optional<int64_t> SampleAt(const Header& header, std::string_view& text, uint64_t index) {
  if (header.text) return header.bitmap ? TakeBit(text) : TakeNumber(text);
  if (header.bitmap) {
    const uint64_t column = index % header.row_samples();
    const uint64_t row_bytes = (header.row_samples() + 7) / 8;
    const auto byte =
        static_cast<uint8_t>(text[index / header.row_samples() * row_bytes + column / 8]);
    return byte >> (7 - column % 8) & 1;
  }
  if (header.maximum <= 255) return static_cast<uint8_t>(text[index]);
  return static_cast<uint8_t>(text[index * 2]) << 8 | static_cast<uint8_t>(text[index * 2 + 1]);
}

template <typename T>
Status ReadSamples(const Header& header, std::string_view text, std::vector<T>& samples) {
  for (uint64_t i = 0; i < header.pixels() * header.channels; ++i) {
    const std::optional<int64_t> value = SampleAt(header, text, i);
    if (!value) return Corrupt(fmt::format("sample {} is missing", i));
    if (*value > header.maximum) {
      return Corrupt(fmt::format("expected samples up to {}, got {}", header.maximum, *value));
    }
    const T sample = ScaleSample<T>(header.bitmap ? 1 - *value : *value, header.maximum);
    if (header.channels == 3) {
      samples[i] = sample;
    } else {
      samples[i * 3] = samples[i * 3 + 1] = samples[i * 3 + 2] = sample;
    }
  }
  return OkStatus();
}

}  // namespace

Result<Image> DecodePnm(std::span<const std::byte> bytes, const ImageLimits& limits) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ASSAY_ASSIGN_OR_RETURN(const Header header, TakeHeader(text));
  const int bits = header.maximum > 255 ? 16 : 8;
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(header.width, header.height, bits, limits, image));
  ASSAY_RETURN_IF_ERROR(bits == 16 ? ReadSamples(header, text, image.samples16)
                                   : ReadSamples(header, text, image.samples8));
  return image;
}

}  // namespace assay
