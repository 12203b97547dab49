#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "tensor/image_codec.h"

namespace assay {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr size_t kCoreHeaderBytes = 12;
constexpr size_t kInfoHeaderBytes = 40;

enum Compression : uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6 };

Status Corrupt(std::string_view message) {
  return Status(StatusCode::kInvalidInput, fmt::format("corrupt or truncated BMP: {}", message));
}

// Little-endian numbers at any place; what lies outside reads as 0 and is noticed by `Has`.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size(); }
  bool Has(uint64_t offset, uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  uint8_t At(size_t offset) const {
    return offset < bytes_.size() ? static_cast<uint8_t>(bytes_[offset]) : uint8_t{0};
  }
  uint32_t Number(size_t offset, size_t width) const {
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) value |= uint32_t{At(offset + i)} << (8 * i);
    return value;
  }
  int32_t Signed(size_t offset) const { return static_cast<int32_t>(Number(offset, 4)); }

 private:
  std::span<const std::byte> bytes_;
};

using Color = std::array<uint8_t, 3>;

// A colour channel in the bits of a pixel, scaled to 8 bits.
struct BitField {
  uint32_t mask = 0;

  uint8_t Read(uint32_t pixel) const {
    if (mask == 0) return 0;
    const int shift = std::countr_zero(mask);
    const uint64_t largest = mask >> shift;
    const uint64_t value = (pixel & mask) >> shift;
    return static_cast<uint8_t>((value * 255 + largest / 2) / largest);
  }
};

struct Header {
  int64_t width = 0;
  int64_t height = 0;
  bool top_down = false;
  uint32_t bits = 0;
  uint32_t compression = kRgb;
  size_t pixels = 0;  // offset
  std::array<BitField, 3> fields;
  std::vector<Color> palette;

  size_t row_bytes() const { return (static_cast<size_t>(width) * bits + 31) / 32 * 4; }
};

bool IsRunLength(const Header& header) {
  return header.compression == kRle8 || header.compression == kRle4;
}

Status CheckHeader(const Header& header) {
  const bool packed = header.bits == 1 || header.bits == 4 || header.bits == 8;
  const bool wide = header.bits == 16 || header.bits == 24 || header.bits == 32;
  bool known = packed || wide;
  if (header.compression == kRle8) known = header.bits == 8;
  if (header.compression == kRle4) known = header.bits == 4;
  if (header.compression == kBitFields || header.compression == kAlphaBitFields) {
    known = header.bits == 16 || header.bits == 32;
  }
  if (!known || (header.compression > kBitFields && header.compression != kAlphaBitFields)) {
    return Status(
        StatusCode::kUnsupported,
        fmt::format("BMP with {} bits a pixel and compression {}", header.bits, header.compression),
        "convert the picture to PNG");
  }
  if (IsRunLength(header) && header.top_down) return Corrupt("run lengths from top to bottom");
  for (const BitField& field : header.fields) {
    const uint32_t shifted = field.mask == 0 ? 0 : field.mask >> std::countr_zero(field.mask);
    if ((shifted & (shifted + 1)) != 0) return Corrupt("channel of scattered bits");
  }
  return OkStatus();
}

void ReadFields(const Bytes& file, Header& header) {
  if (header.compression == kBitFields || header.compression == kAlphaBitFields) {
    for (size_t i = 0; i < 3; ++i) {
      header.fields[i].mask = file.Number(kFileHeaderBytes + kInfoHeaderBytes + 4 * i, 4);
    }
  } else if (header.bits == 16) {
    header.fields = {BitField{0x7C00}, BitField{0x03E0}, BitField{0x001F}};
  } else {
    header.fields = {BitField{0xFF0000}, BitField{0xFF00}, BitField{0xFF}};
  }
}

void ReadPalette(const Bytes& file, size_t offset, uint32_t used, size_t entry_bytes,
                 Header& header) {
  if (header.bits > 8) return;
  const uint32_t most = uint32_t{1} << header.bits;
  const uint32_t count = used == 0 || used > most ? most : used;
  header.palette.resize(most);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = offset + i * entry_bytes;
    if (entry + 3 > header.pixels) break;
    header.palette[i] = {file.At(entry + 2), file.At(entry + 1), file.At(entry)};
  }
}

Result<Header> ReadHeader(const Bytes& file) {
  Header header;
  header.pixels = file.Number(10, 4);
  const size_t header_bytes = file.Number(kFileHeaderBytes, 4);
  const bool core = header_bytes == kCoreHeaderBytes;
  if ((!core && header_bytes < kInfoHeaderBytes) || !file.Has(kFileHeaderBytes, header_bytes) ||
      header.pixels > file.size()) {
    return Corrupt("malformed header");
  }
  uint32_t used = 0;
  if (core) {
    header.width = file.Number(18, 2);
    header.height = file.Number(20, 2);
    header.bits = file.Number(24, 2);
  } else {
    header.width = file.Signed(18);
    header.height = file.Signed(22);
    header.bits = file.Number(28, 2);
    header.compression = file.Number(30, 4);
    used = file.Number(46, 4);
  }
  header.top_down = header.height < 0;
  if (header.top_down) header.height = -header.height;
  if (header.width < 1 || header.height < 1) return Corrupt("no pixels");
  ReadFields(file, header);
  ASSAY_RETURN_IF_ERROR(CheckHeader(header));
  const bool masks_follow = header_bytes == kInfoHeaderBytes && header.compression == kBitFields;
  ReadPalette(file, kFileHeaderBytes + header_bytes + (masks_follow ? 12 : 0), used, core ? 3 : 4,
              header);
  return header;
}

// Writes pixels where the file has them: rows from the bottom up unless it says else.
class Canvas {
 public:
  Canvas(const Header& header, Image& image) : header_(header), image_(image) {}

  void Set(int64_t x, int64_t row, const Color& color) {
    const int64_t y = header_.top_down ? row : header_.height - 1 - row;
    const auto at = static_cast<size_t>((y * header_.width + x) * 3);
    for (size_t channel = 0; channel < 3; ++channel) image_.samples8[at + channel] = color[channel];
  }
  void SetIndex(int64_t x, int64_t row, size_t index) { Set(x, row, header_.palette[index]); }

 private:
  const Header& header_;
  Image& image_;
};

void ReadRows(const Bytes& file, const Header& header, Canvas& canvas) {
  for (int64_t row = 0; row < header.height; ++row) {
    const size_t start = header.pixels + static_cast<size_t>(row) * header.row_bytes();
    for (int64_t x = 0; x < header.width; ++x) {
      const size_t bit = static_cast<size_t>(x) * header.bits;
      if (header.bits <= 8) {
        const uint32_t shift = 8 - header.bits - static_cast<uint32_t>(bit % 8);
        const uint32_t mask = (1U << header.bits) - 1;
        canvas.SetIndex(x, row, file.At(start + bit / 8) >> shift & mask);
      } else {
        const uint32_t pixel = file.Number(start + bit / 8, header.bits / 8);
        canvas.Set(x, row,
                   {header.fields[0].Read(pixel), header.fields[1].Read(pixel),
                    header.fields[2].Read(pixel)});
      }
    }
  }
}

// Pairs of bytes: a count and an index (two of 4 bits that alternate), or 0 and an escape: 0 ends a
// row, 1 the picture, 2 moves on, anything else counts indices that follow as they are. Pixels that
// are passed over keep index 0.
Status ReadRunLengths(const Bytes& file, const Header& header, Canvas& canvas) {
  for (int64_t row = 0; row < header.height; ++row) {
    for (int64_t x = 0; x < header.width; ++x) canvas.SetIndex(x, row, 0);
  }
  const bool nibbles = header.compression == kRle4;
  int64_t x = 0;
  int64_t row = 0;
  size_t at = header.pixels;
  const auto put = [&](size_t index) {
    if (x >= header.width || row >= header.height) return false;
    canvas.SetIndex(x++, row, index);
    return true;
  };
  const auto index_of = [&](size_t byte, uint32_t i) -> size_t {
    if (!nibbles) return file.At(byte);
    return i % 2 == 0 ? file.At(byte) >> 4 : file.At(byte) & 15;
  };
  while (file.Has(at, 2)) {
    const uint32_t count = file.At(at);
    const uint32_t code = file.At(at + 1);
    at += 2;
    if (count > 0) {
      for (uint32_t i = 0; i < count; ++i) {
        if (!put(index_of(at - 1, i))) return Corrupt("run beyond the picture");
      }
    } else if (code == 0) {
      x = 0;
      ++row;
    } else if (code == 1) {
      return OkStatus();
    } else if (code == 2) {
      x += file.At(at);
      row += file.At(at + 1);
      at += 2;
    } else {
      const size_t bytes = nibbles ? (code + 1) / 2 : code;
      if (!file.Has(at, bytes)) break;
      for (uint32_t i = 0; i < code; ++i) {
        if (!put(index_of(at + (nibbles ? i / 2 : i), i))) return Corrupt("run beyond the picture");
      }
      at += bytes + bytes % 2;
    }
  }
  return Corrupt("no end of the picture");
}

}  // namespace

Result<Image> DecodeBmp(std::span<const std::byte> bytes, const ImageLimits& limits) {
  const Bytes file(bytes);
  ASSAY_ASSIGN_OR_RETURN(const Header header, ReadHeader(file));
  if (!IsRunLength(header) &&
      !file.Has(header.pixels, header.row_bytes() * static_cast<uint64_t>(header.height))) {
    return Corrupt(fmt::format("expected {} rows of {} bytes", header.height, header.row_bytes()));
  }
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(header.width, header.height, 8, limits, image));
  Canvas canvas(header, image);
  if (IsRunLength(header)) {
    ASSAY_RETURN_IF_ERROR(ReadRunLengths(file, header, canvas));
  } else {
    ReadRows(file, header, canvas);
  }
  return image;
}

}  // namespace assay
