#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tensor/image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const assay::ImageLimits limits{.max_pixels = 1 << 16};
  const auto image = assay::DecodeImage(std::as_bytes(std::span(data, size)), "input", limits);
  if (!image.ok()) return 0;
  assay::ImageOptions options;
  options.height = 5;
  options.width = 9;
  if (!assay::ImageToTensor(*image, options).ok()) std::abort();
  return 0;
}
