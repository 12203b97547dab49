#include <fmt/format.h>
#include <webp/decode.h>

#include "tensor/image_codec.h"

namespace assay {

Result<Image> DecodeWebp(std::span<const std::byte> bytes, const ImageLimits& limits) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto corrupt = [](std::string_view message) {
    return Status(StatusCode::kInvalidInput, fmt::format("corrupt or truncated WebP: {}", message));
  };
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) {
    return corrupt("malformed header");
  }
  if (features.has_animation != 0) {
    return Status(StatusCode::kUnsupported, "animated WebP", "convert the picture to PNG");
  }
  Image image;
  ASSAY_RETURN_IF_ERROR(AllocateImage(features.width, features.height, 8, limits, image));
  if (WebPDecodeRGBInto(data, bytes.size(), image.samples8.data(), image.samples8.size(),
                        features.width * 3) == nullptr) {
    return corrupt("bad pixels");
  }
  return image;
}

}  // namespace assay
