#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace assay {

// A decoded picture: rows from top to bottom, three interleaved channels R, G, B of 16 bits if the
// file has more than 8 bits a sample, else of 8.
struct Image {
  int64_t width = 0;
  int64_t height = 0;
  std::vector<uint8_t> samples8;    // width * height * 3, or empty
  std::vector<uint16_t> samples16;  // width * height * 3, or empty; full scale is 65535
};

struct ImageLimits {
  int64_t max_pixels = int64_t{1} << 28;
  bool upright = true;
};

// Decodes what its first bytes say it is: JPEG, PNG (1 to 16 bits, grey, palette, interlaced), PBM,
// PGM and PPM (P1 to P6), BMP (1 to 32 bits, palettes, run lengths), JPEG 2000 (JP2 and bare
// codestreams), TIFF (the first picture, in 8 bits) and WebP (not animated). Grey becomes
// R = G = B; alpha and transparency are dropped, colours stay as stored (what Pillow's
// convert("RGB") and OpenCV do); CMYK is converted without a colour profile; a JPEG's EXIF
// orientation is applied unless `limits` says else, so that the picture stands as viewers show it.
// `name` stands in error messages. Errors: kInvalidInput (corrupt or truncated), kUnsupported
// (another format), kResourceLimit (more pixels than the limit).
Result<Image> DecodeImage(std::span<const std::byte> bytes, std::string_view name,
                          const ImageLimits& limits = {});

enum class ImageLayout { kNchw, kNhwc };
enum class ChannelOrder { kRgb, kBgr };

struct ImageOptions {
  int64_t height = 0;  // 0, 0: keep the size of the picture
  int64_t width = 0;
  ImageLayout layout = ImageLayout::kNchw;
  ChannelOrder channels = ChannelOrder::kRgb;  // of the tensor, and of mean and std_dev
  double scale = 1.0 / 255.0;                  // factor on samples in [0, 255]
  std::array<double, 3> mean = {0, 0, 0};      // in units after the scale
  std::array<double, 3> std_dev = {1, 1, 1};
  // kFloat32: (sample * scale - mean) / std_dev. kUInt8: the resized samples, rounded; scale, mean
  // and std are not applied.
  DType dtype = DType::kFloat32;
  ImageLimits limits;
};

// Reads "HxW", "a,b,c" (one number stands for all three channels). Errors: kUsage.
struct ImageSize {
  int64_t height;
  int64_t width;
};
Result<ImageSize> ParseImageSize(std::string_view text);
Result<std::array<double, 3>> ParseChannelValues(std::string_view text);

// Resizes with a triangle filter that is widened by the reduction factor (antialiased bilinear,
// half-pixel centres, Pillow's Image.BILINEAR) in float, then lays out one tensor of shape
// (1, 3, height, width) or (1, height, width, 3).
Result<Tensor> ImageToTensor(const Image& image, const ImageOptions& options);

// The pictures of a folder (files with a known extension, not its subfolders) in byte order of
// their names, or the file itself. Errors: kNotFound, kInvalidInput if a folder has none.
Result<std::vector<std::filesystem::path>> ListImages(const std::filesystem::path& path);

// Decodes and converts one file; errors name it.
Result<Tensor> LoadImage(const std::filesystem::path& file, const ImageOptions& options);

// ListImages and LoadImage together: one iteration per picture, each with one input of that name.
Result<std::vector<TensorMap>> LoadImageInputs(const std::filesystem::path& path,
                                               const std::string& input_name,
                                               const ImageOptions& options);

}  // namespace assay
