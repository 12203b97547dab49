#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay {

// The taps of one output position: input positions first, first + 1, ... with these weights, which
// sum to 1.
struct ResizeTaps {
  int64_t first = 0;
  std::vector<float> weights;
};

// Triangle filter for resizing `input` positions to `output`, with half-pixel centres, widened by
// the factor input / output when that is above 1, clipped at the borders and normalised (Pillow's
// Image.BILINEAR). Both at least 1.
std::vector<ResizeTaps> TriangleTaps(int64_t input, int64_t output);

// Resizes rows of interleaved samples (`channels` per pixel) in float: first along the rows, then
// across them. The result holds out_height * out_width * channels samples.
template <typename T>
std::vector<float> ResizeSamples(std::span<const T> samples, int64_t height, int64_t width,
                                 int64_t channels, int64_t out_height, int64_t out_width);

extern template std::vector<float> ResizeSamples(std::span<const uint8_t>, int64_t, int64_t,
                                                 int64_t, int64_t, int64_t);
extern template std::vector<float> ResizeSamples(std::span<const uint16_t>, int64_t, int64_t,
                                                 int64_t, int64_t, int64_t);

}  // namespace assay
