#include <fmt/format.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "tensor/image_codec.h"

namespace assay {
namespace {

// Deflate spends at least two bits on a match of at most 258 bytes.
constexpr uint64_t kMaxDeflateRatio = 1032;
// For text and profiles, which are read and thrown away.
constexpr png_alloc_size_t kMaxChunkBytes = 8 << 20;

// libpng reports errors through a function that must not return; see JpegDecoder.
// NOLINTBEGIN(cert-err52-cpp): an exception must not pass through a C library.
class PngDecoder {
 public:
  explicit PngDecoder(std::span<const std::byte> bytes) : rest_(bytes) {
    png_ = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, this,
        [](png_structp png, png_const_charp message) {
          auto* self = static_cast<PngDecoder*>(png_get_error_ptr(png));
          std::snprintf(self->message_, sizeof(self->message_), "%s", message);
          png_longjmp(png, 1);
        },
        [](png_structp, png_const_charp) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  bool ready() const { return info_ != nullptr; }

  bool ReadHeader() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, [](png_structp png, png_bytep out, size_t bytes) {
      auto* self = static_cast<PngDecoder*>(png_get_io_ptr(png));
      if (bytes > self->rest_.size()) png_error(png, "unexpected end of the file");
      std::memcpy(out, self->rest_.data(), bytes);
      self->rest_ = self->rest_.subspan(bytes);
    });
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    png_read_info(png_, info_);
    // The rows as stored, each with its filter byte.
    stored_bytes_ = uint64_t{png_get_rowbytes(png_, info_) + 1} * png_get_image_height(png_, info_);
    return true;
  }

  // Rows of three samples of 8 or 16 bits.
  bool ReadPixels(uint8_t* rgb) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const int color = png_get_color_type(png_, info_);
    if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (color == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) < 8)
      png_set_expand_gray_1_2_4_to_8(png_);
    if (color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_GRAY_ALPHA)
      png_set_gray_to_rgb(png_);
    png_set_strip_alpha(png_);
    if (bits() == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
    const int passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    const size_t stride =
        size_t{png_get_image_width(png_, info_)} * 3 * static_cast<size_t>(bits() / 8);
    if (png_get_rowbytes(png_, info_) != stride) png_error(png_, "unexpected row size");
    for (int pass = 0; pass < passes; ++pass) {
      for (png_uint_32 y = 0; y < png_get_image_height(png_, info_); ++y) {
        png_read_row(png_, rgb + stride * y, nullptr);
      }
    }
    png_read_end(png_, nullptr);
    return true;
  }

  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t height() const { return png_get_image_height(png_, info_); }
  int bits() const { return png_get_bit_depth(png_, info_) == 16 ? 16 : 8; }
  uint64_t stored_bytes() const { return stored_bytes_; }
  const char* message() const { return message_; }

 private:
  std::span<const std::byte> rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  uint64_t stored_bytes_ = 0;
  char message_[200] = "";
};
// NOLINTEND(cert-err52-cpp)

}  // namespace

Result<Image> DecodePng(std::span<const std::byte> bytes, const ImageLimits& limits) {
  PngDecoder decoder(bytes);
  if (!decoder.ready()) return Status(StatusCode::kResourceLimit, "no memory to decode a PNG");
  const auto corrupt = [&](std::string_view message) {
    return Status(StatusCode::kInvalidInput, fmt::format("corrupt or truncated PNG: {}", message));
  };
  if (!decoder.ReadHeader()) return corrupt(decoder.message());
  if (decoder.stored_bytes() / kMaxDeflateRatio > bytes.size()) {
    return corrupt(fmt::format("{}x{} pixels cannot come from {} bytes", decoder.width(),
                               decoder.height(), bytes.size()));
  }
  Image image;
  ASSAY_RETURN_IF_ERROR(
      AllocateImage(decoder.width(), decoder.height(), decoder.bits(), limits, image));
  auto* samples = decoder.bits() == 16 ? reinterpret_cast<uint8_t*>(image.samples16.data())
                                       : image.samples8.data();
  if (!decoder.ReadPixels(samples)) return corrupt(decoder.message());
  return image;
}

}  // namespace assay
