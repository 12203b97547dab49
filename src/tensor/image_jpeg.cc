#include <fmt/format.h>

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

// jpeglib.h uses what <cstdio> declares, and jerror.h what jpeglib.h does.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "tensor/image_codec.h"

namespace assay {
namespace {

// Files with more scans than any encoder writes keep the decoder busy for hours.
constexpr int kMaxScans = 500;
constexpr int kExifMarker = JPEG_APP0 + 1;

// libjpeg reports errors through a function that must not return, so the calls into it are kept in
// members without objects to destroy, and everything that owns memory lives outside of them.
// NOLINTBEGIN(cert-err52-cpp): an exception must not pass through a C library.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::span<const std::byte> bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) { Self(info).Fail(); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && !IsHarmless(info->err->msg_code)) Self(info).Fail();
    };
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = [](j_common_ptr info) {
      if (Self(info).info_.input_scan_number > kMaxScans) {
        std::snprintf(Self(info).message_, sizeof(message_), "more than %d scans", kMaxScans);
        std::longjmp(Self(info).jump_, 1);
      }
    };
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  bool ReadHeader() {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_save_markers(&info_, kExifMarker, 0xFFFF);
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  // `rgb` takes width * height * 3 bytes, `row` one row of width * 4.
  bool ReadPixels(uint8_t* rgb, uint8_t* row) {
    if (setjmp(jump_) != 0) return false;
    const bool cmyk = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info_);
    const size_t stride = size_t{info_.output_width} * 3;
    while (info_.output_scanline < info_.output_height) {
      uint8_t* target = rgb + stride * info_.output_scanline;
      JSAMPROW rows[1] = {cmyk ? row : target};
      if (jpeg_read_scanlines(&info_, rows, 1) == 1 && cmyk)
        ConvertCmyk(row, info_.output_width, target);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  int64_t width() const { return info_.image_width; }
  int64_t height() const { return info_.image_height; }
  const char* message() const { return message_; }

  // After ReadHeader and before ReadPixels, whose end frees the markers.
  int Orientation() const {
    for (jpeg_saved_marker_ptr marker = info_.marker_list; marker != nullptr;
         marker = marker->next) {
      if (marker->marker != kExifMarker) continue;
      const int orientation =
          ReadExifOrientation(std::as_bytes(std::span(marker->data, marker->data_length)));
      if (orientation != 1) return orientation;
    }
    return 1;
  }

 private:
  static JpegDecoder& Self(j_common_ptr info) {
    return *static_cast<JpegDecoder*>(info->client_data);
  }

  [[noreturn]] void Fail() {
    info_.err->format_message(reinterpret_cast<j_common_ptr>(&info_), message_);
    std::longjmp(jump_, 1);
  }

  // Warnings about things that do not touch the pixels; all others mean that data are missing or
  // wrong.
  static bool IsHarmless(int code) {
    return code == JWRN_ADOBE_XFORM || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR ||
           code == JWRN_BOGUS_ICC;
  }

  // CMYK pictures are stored inverted (Adobe's convention): 255 is no ink.
  static void ConvertCmyk(const uint8_t* cmyk, size_t pixels, uint8_t* rgb) {
    for (size_t i = 0; i < pixels; ++i) {
      for (size_t channel = 0; channel < 3; ++channel) {
        rgb[i * 3 + channel] =
            static_cast<uint8_t>((cmyk[i * 4 + channel] * cmyk[i * 4 + 3] + 127) / 255);
      }
    }
  }

  std::span<const std::byte> bytes_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = "";
};
// NOLINTEND(cert-err52-cpp)

}  // namespace

Result<Image> DecodeJpeg(std::span<const std::byte> bytes, const ImageLimits& limits) {
  JpegDecoder decoder(bytes);
  const auto corrupt = [&] {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("corrupt or truncated JPEG: {}", decoder.message()));
  };
  if (!decoder.ReadHeader()) return corrupt();
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(decoder.width(), decoder.height(), 8, limits, image));
  const int orientation = decoder.Orientation();
  std::vector<uint8_t> row(static_cast<size_t>(image.width) * 4);
  if (!decoder.ReadPixels(image.samples8.data(), row.data())) return corrupt();
  if (limits.upright) ApplyOrientation(orientation, image);
  return image;
}

}  // namespace assay
