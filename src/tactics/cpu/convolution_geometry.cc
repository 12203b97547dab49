#include "tactics/cpu/convolution_geometry.h"

#include <string>
#include <vector>

#include "ops/window.h"

namespace assay {

Support ReadConvolution(const Instance& instance, int most_axes, ConvolutionGeometry* geometry,
                        int filters) {
  const Shape& x = instance.input(0).shape;
  const Shape& w = instance.input(filters).shape;
  const int spatial = x.rank() - 2;
  if (spatial < 1 || spatial > most_axes) {
    return Support::No("only up to " + std::to_string(most_axes) + " spatial axes");
  }
  const std::vector<int64_t> kernel(w.begin() + 2, w.end());
  const Result<WindowAttributes> attributes = ReadWindowAttributes(instance, spatial, kernel);
  if (!attributes.ok()) return Support::No(attributes.status().message());
  const std::vector<int64_t> inputs(x.begin() + 2, x.end());
  const Result<std::vector<WindowAxis>> axes = ResolveWindow(*attributes, inputs);
  if (!axes.ok()) return Support::No(axes.status().message());
  const auto extent = [](const WindowAxis& axis) {
    return WindowExtent{.input = axis.input,
                        .kernel = axis.kernel,
                        .stride = axis.stride,
                        .dilation = axis.dilation,
                        .pad = axis.pad_begin,
                        .output = axis.output};
  };
  geometry->batch = x[0];
  geometry->groups = instance.Int("group");
  geometry->channels = w[1];
  geometry->filters = w[0] / geometry->groups;
  geometry->depth = spatial > 2 ? extent((*axes)[axes->size() - 3]) : WindowExtent{};
  geometry->height = spatial > 1 ? extent((*axes)[axes->size() - 2]) : WindowExtent{};
  geometry->width = extent(axes->back());
  return Support::Yes();
}

}  // namespace assay
