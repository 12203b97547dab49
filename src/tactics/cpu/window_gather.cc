#include "tactics/cpu/window_gather.h"

#include <algorithm>

namespace assay {

WindowGather::WindowGather(const ConvolutionGeometry& geometry, int64_t tile,
                           const WindowKernels& kernels)
    : geometry_(geometry), tile_(tile), kernels_(&kernels) {
  // The plane of a pointwise convolution is one long row.
  if (!geometry_.IsPointwise()) return;
  geometry_.width.input = geometry_.width.output = geometry.input_plane();
  geometry_.height = geometry_.depth = {};
}

int64_t WindowGather::MostRuns() const {
  const int64_t width = std::max<int64_t>(geometry_.width.output, 1);
  const int64_t rows = std::min(tile_, (tile_ - 1 + width - 1) / width + 1);
  // Zeros, elements, zeros in each row of the output, and zeros behind the last one.
  return geometry_.taps() * (3 * rows + 1);
}

size_t WindowGather::RunBytes(int64_t panels) const {
  const size_t runs = static_cast<size_t>(panels * MostRuns()) * sizeof(GatherRun);
  const size_t taps = static_cast<size_t>(panels * (geometry_.taps() + 1)) * sizeof(int32_t);
  return (runs + taps + 63) / 64 * 64;
}

WindowGather::Panels::Panels(const WindowGather& gather, int64_t column, int64_t columns,
                             std::byte* memory)
    : gather_(gather),
      panels_((columns + gather.tile_ - 1) / gather.tile_),
      runs_(reinterpret_cast<GatherRun*>(memory)),
      tap_runs_(reinterpret_cast<int32_t*>(runs_ + panels_ * gather.MostRuns())) {
  const ConvolutionGeometry& g = gather.geometry_;
  int32_t* first_run = tap_runs_;
  for (int64_t panel = 0; panel < panels_; ++panel) {
    const int64_t first = column + panel * gather.tile_;
    const int64_t count = std::min(gather.tile_, column + columns - first);
    for (int64_t z = 0; z < g.depth.kernel; ++z) {
      for (int64_t y = 0; y < g.height.kernel; ++y) {
        for (int64_t x = 0; x < g.width.kernel; ++x) {
          *first_run++ = run_count_;
          AddTap(z, y, x, first, count);
        }
      }
    }
    *first_run++ = run_count_;
  }
}

void WindowGather::Panels::Add(int64_t source, int64_t lane, int64_t count) {
  if (count <= 0) return;
  runs_[run_count_++] = {source, static_cast<int32_t>(lane), static_cast<int32_t>(count)};
}

void WindowGather::Panels::AddTap(int64_t tap_z, int64_t tap_y, int64_t tap_x, int64_t first,
                                  int64_t count) {
  const WindowExtent& d = gather_.geometry_.depth;
  const WindowExtent& h = gather_.geometry_.height;
  const WindowExtent& w = gather_.geometry_.width;
  const int64_t inside_begin = w.FirstInside(tap_x);
  const int64_t inside_end = std::max(inside_begin, w.LastInside(tap_x));
  int64_t lane = 0;
  while (lane < count) {
    const int64_t row = (first + lane) / w.output;
    const int64_t x = (first + lane) % w.output;
    const int64_t run = std::min(w.output - x, count - lane);
    const int64_t input_z = row / h.output * d.stride - d.pad + tap_z * d.dilation;
    const int64_t input_y = row % h.output * h.stride - h.pad + tap_y * h.dilation;
    const bool is_inside = input_z >= 0 && input_z < d.input && input_y >= 0 && input_y < h.input;
    const int64_t begin = is_inside ? std::clamp(inside_begin, x, x + run) : x + run;
    const int64_t end = is_inside ? std::clamp(inside_end, begin, x + run) : x + run;
    Add(-1, lane, begin - x);
    Add((input_z * h.input + input_y) * w.input + begin * w.stride - w.pad + tap_x * w.dilation,
        lane + begin - x, end - begin);
    Add(-1, lane + end - x, x + run - end);
    lane += run;
  }
  Add(-1, count, gather_.tile_ - count);
}

void WindowGather::Panels::Gather(const float* input, int64_t begin, int64_t depth,
                                  float* packed) const {
  const ConvolutionGeometry& g = gather_.geometry_;
  GatherPanel panel = {.planes = input,
                       .plane_floats = g.input_plane(),
                       .step = g.width.stride,
                       .runs = runs_,
                       .tap_runs = tap_runs_,
                       .taps = g.taps(),
                       .width = gather_.tile_};
  for (int64_t i = 0; i < panels_; ++i) {
    gather_.kernels_->gather(panel, begin, depth, packed);
    panel.tap_runs += g.taps() + 1;
    packed += gather_.tile_ * depth;
  }
}

}  // namespace assay
