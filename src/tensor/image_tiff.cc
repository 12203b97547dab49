#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "tensor/image_codec.h"

namespace assay {
namespace {

// Strips and tables larger than this are refused, whatever the file claims.
constexpr tmsize_t kMaxBlockBytes = tmsize_t{1} << 30;

// A TIFF in memory; keeps the first message of the library.
class TiffFile {
 public:
  explicit TiffFile(std::span<const std::byte> bytes) : bytes_(bytes) {
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    if (options == nullptr) return;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMaxBlockBytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options, OnError, this);
    TIFFOpenOptionsSetWarningHandlerExtR(
        options, [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
    // "m": the library must not map what is in memory already.
    tiff_ = TIFFClientOpenExt("picture", "rm", this, Read, Write, Seek, Close, Size, nullptr,
                              nullptr, options);
    TIFFOpenOptionsFree(options);
  }
  ~TiffFile() {
    if (tiff_ != nullptr) TIFFClose(tiff_);
  }
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* get() { return tiff_; }
  Status Corrupt() const {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("corrupt, truncated or unknown kind of TIFF: {}",
                              message_[0] == 0 ? "malformed header" : message_));
  }

 private:
  static TiffFile& Self(void* handle) { return *static_cast<TiffFile*>(handle); }

  static int OnError(TIFF* /*tiff*/, void* handle, const char* /*module*/, const char* format,
                     va_list arguments) {
    TiffFile& self = Self(handle);
    if (self.message_[0] == 0) {
      std::vsnprintf(self.message_, sizeof(self.message_), format, arguments);
    }
    return 1;
  }
  static tmsize_t Read(void* handle, void* out, tmsize_t bytes) {
    TiffFile& self = Self(handle);
    const size_t left = self.bytes_.size() - std::min(self.position_, self.bytes_.size());
    const size_t count = std::min(left, static_cast<size_t>(std::max<tmsize_t>(bytes, 0)));
    if (count > 0) std::memcpy(out, self.bytes_.data() + self.position_, count);
    self.position_ += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t Write(void* /*handle*/, void* /*in*/, tmsize_t /*bytes*/) { return 0; }
  static toff_t Seek(void* handle, toff_t offset, int from) {
    TiffFile& self = Self(handle);
    const size_t base = from == SEEK_SET   ? 0
                        : from == SEEK_CUR ? self.position_
                                           : self.bytes_.size();
    self.position_ = base + static_cast<size_t>(offset);
    return self.position_;
  }
  static int Close(void* /*handle*/) { return 0; }
  static toff_t Size(void* handle) { return Self(handle).bytes_.size(); }

  std::span<const std::byte> bytes_;
  size_t position_ = 0;
  TIFF* tiff_ = nullptr;
  char message_[200] = "";
};

// Colours stay as stored: without this the library multiplies them by an alpha channel that is not
// part of them yet.
void KeepColorsFromAlpha(TIFF* tiff) {
  uint16_t count = 0;
  uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (count == 0 || kinds[0] != EXTRASAMPLE_UNASSALPHA) return;
  std::vector<uint16_t> associated(kinds, kinds + count);
  associated[0] = EXTRASAMPLE_ASSOCALPHA;
  TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, count, associated.data());
}

}  // namespace

Result<Image> DecodeTiff(std::span<const std::byte> bytes, const ImageLimits& limits) {
  TiffFile file(bytes);
  uint32_t width = 0;
  uint32_t height = 0;
  if (file.get() == nullptr || TIFFGetField(file.get(), TIFFTAG_IMAGEWIDTH, &width) != 1 ||
      TIFFGetField(file.get(), TIFFTAG_IMAGELENGTH, &height) != 1) {
    return file.Corrupt();
  }
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(width, height, 8, limits, image));
  KeepColorsFromAlpha(file.get());
  std::vector<uint32_t> pixels(image.samples8.size() / 3);
  if (TIFFReadRGBAImageOriented(file.get(), width, height, pixels.data(), ORIENTATION_TOPLEFT,
                                /*stopOnError=*/1) != 1) {
    return file.Corrupt();
  }
  for (size_t i = 0; i < pixels.size(); ++i) {
    image.samples8[i * 3] = static_cast<uint8_t>(TIFFGetR(pixels[i]));
    image.samples8[i * 3 + 1] = static_cast<uint8_t>(TIFFGetG(pixels[i]));
    image.samples8[i * 3 + 2] = static_cast<uint8_t>(TIFFGetB(pixels[i]));
  }
  return image;
}

}  // namespace assay
