#pragma once

#include <cstddef>
#include <span>

#include "base/status.h"
#include "tensor/image.h"

namespace assay {

// The decoders behind DecodeImage, one per format; errors do not name the file.
Result<Image> DecodeBmp(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodeJpeg(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodeJpeg2000(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodePng(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodePnm(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodeTiff(std::span<const std::byte> bytes, const ImageLimits& limits);
Result<Image> DecodeWebp(std::span<const std::byte> bytes, const ImageLimits& limits);

// Sets size and makes room for samples of 8 or 16 bits.
// Errors: kInvalidInput for an empty picture, kResourceLimit.
Status AllocateImage(int64_t width, int64_t height, int bits, const ImageLimits& limits,
                     Image& image);

// Turns and mirrors a picture so that it stands upright, given the EXIF orientation (1 to 8) it is
// stored with. Other values change nothing.
void ApplyOrientation(int orientation, Image& image);

// The orientation that an EXIF segment ("Exif", two NULs, a TIFF header, ...) gives; 1 if it gives
// none.
int ReadExifOrientation(std::span<const std::byte> segment);

}  // namespace assay
