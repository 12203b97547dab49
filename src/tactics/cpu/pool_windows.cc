#include "tactics/cpu/pool_windows.h"

#include <algorithm>

#include "ops/window.h"

namespace assay {

Result<std::vector<PoolWindow>> PoolWindowsOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                         ReadWindowAttributes(instance, shape.rank() - 2));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes,
                         ResolveWindow(attributes, std::span(shape.dims()).subspan(2)));
  std::vector<PoolWindow> windows;
  for (const WindowAxis& axis : axes) {
    windows.push_back({{.input = axis.input,
                        .kernel = axis.kernel,
                        .stride = axis.stride,
                        .dilation = axis.dilation,
                        .pad = axis.pad_begin,
                        .output = axis.output},
                       axis.pad_end});
  }
  return windows;
}

std::vector<float> TapCounts(const PoolWindow& window, bool include_pad) {
  const WindowExtent& e = window.extent;
  std::vector<float> counts;
  for (int64_t at = 0; at < e.output; ++at) {
    const int64_t origin = at * e.stride - e.pad;
    const int64_t end = e.input + (include_pad ? window.pad_end : 0);
    const int64_t first = include_pad ? 0 : window.FirstTap(at);
    const int64_t last =
        origin >= end ? 0 : std::min(e.kernel, (end - 1 - origin) / e.dilation + 1);
    counts.push_back(static_cast<float>(std::max<int64_t>(0, last - first)));
  }
  return counts;
}

}  // namespace assay
