#include "tensor/image_resize.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

// One row through the taps of every output column.
template <typename T>
void ResizeRow(const T* row, int64_t channels, std::span<const ResizeTaps> taps, float* out) {
  for (const ResizeTaps& tap : taps) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      const T* in = row + tap.first * channels + channel;
      float sum = 0;
      for (const float weight : tap.weights) {
        sum += weight * static_cast<float>(*in);
        in += channels;
      }
      *out++ = sum;
    }
  }
}

}  // namespace

std::vector<ResizeTaps> TriangleTaps(int64_t input, int64_t output) {
  std::vector<ResizeTaps> taps(static_cast<size_t>(output));
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  const double support = std::max(scale, 1.0);
  for (int64_t i = 0; i < output; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const auto first =
        std::max<int64_t>(0, static_cast<int64_t>(std::floor(center - support + 0.5)));
    const auto end =
        std::min<int64_t>(input, static_cast<int64_t>(std::floor(center + support + 0.5)));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t position = first; position < end; ++position) {
      const double distance = (static_cast<double>(position) + 0.5 - center) / support;
      weights.push_back(std::max(0.0, 1.0 - std::fabs(distance)));
      sum += weights.back();
    }
    ResizeTaps& tap = taps[static_cast<size_t>(i)];
    tap.first = first;
    for (const double weight : weights) tap.weights.push_back(static_cast<float>(weight / sum));
  }
  return taps;
}

template <typename T>
std::vector<float> ResizeSamples(std::span<const T> samples, int64_t height, int64_t width,
                                 int64_t channels, int64_t out_height, int64_t out_width) {
  const auto in_row = static_cast<size_t>(width * channels);
  const auto out_row = static_cast<size_t>(out_width * channels);
  std::vector<float> rows(static_cast<size_t>(height) * out_row);
  if (width == out_width) {
    std::copy(samples.begin(), samples.end(), rows.begin());
  } else {
    const std::vector<ResizeTaps> taps = TriangleTaps(width, out_width);
    for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
      ResizeRow(samples.data() + y * in_row, channels, taps, rows.data() + y * out_row);
    }
  }
  if (height == out_height) return rows;

  std::vector<float> out(static_cast<size_t>(out_height) * out_row, 0.0F);
  float* target = out.data();
  for (const ResizeTaps& tap : TriangleTaps(height, out_height)) {
    const float* source = rows.data() + static_cast<size_t>(tap.first) * out_row;
    for (const float weight : tap.weights) {
      for (size_t i = 0; i < out_row; ++i) target[i] += weight * source[i];
      source += out_row;
    }
    target += out_row;
  }
  return out;
}

template std::vector<float> ResizeSamples(std::span<const uint8_t>, int64_t, int64_t, int64_t,
                                          int64_t, int64_t);
template std::vector<float> ResizeSamples(std::span<const uint16_t>, int64_t, int64_t, int64_t,
                                          int64_t, int64_t);

}  // namespace assay
