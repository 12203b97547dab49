#include "ops/transposed_convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ops/matrix_product.h"
#include "ops/tap_walk.h"

namespace assay {
namespace {

// The attributes of the node; `pads` and `kernel` are in `window`.
struct Attributes {
  WindowAttributes window;
  std::vector<int64_t> output_padding;
  std::vector<int64_t> output_shape;  // spatial axes only; empty: not given
};

Result<Attributes> ReadAttributes(const OpContext& context, int spatial_rank,
                                  std::span<const int64_t> kernel) {
  Attributes attributes;
  ASSAY_ASSIGN_OR_RETURN(attributes.window, ReadWindowAttributes(context, spatial_rank, kernel));
  const auto rank = static_cast<size_t>(spatial_rank);
  attributes.output_padding = context.Ints("output_padding");
  if (attributes.output_padding.empty()) attributes.output_padding.assign(rank, 0);
  attributes.output_shape = context.Ints("output_shape");
  // Some exporters write batch and channels as well.
  if (attributes.output_shape.size() == rank + 2) {
    attributes.output_shape.erase(attributes.output_shape.begin(),
                                  attributes.output_shape.begin() + 2);
  }
  for (const auto& [name, list] : {std::pair("output_padding", &attributes.output_padding),
                                   std::pair("output_shape", &attributes.output_shape)}) {
    if (list->size() != rank && !list->empty()) {
      return OpContext::Invalid(
          fmt::format("attribute \"{}\": expected {} values, got {}", name, rank, list->size()));
    }
    for (int64_t value : *list) {
      if (value >= 0 && value <= int64_t{1} << 31) continue;
      return OpContext::Invalid(
          fmt::format("attribute \"{}\": expected values of at least 0, got {}", name, value));
    }
  }
  return attributes;
}

// Extent of the output without padding.
Dim UnpaddedExtent(const Attributes& attributes, size_t axis, const Dim& input) {
  const WindowAttributes& window = attributes.window;
  const int64_t extent = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
  return (input - Dim(1)) * Dim(window.strides[axis]) +
         Dim(extent + attributes.output_padding[axis]);
}

Dim OutputExtent(const Attributes& attributes, size_t axis, const Dim& input) {
  if (!attributes.output_shape.empty()) return attributes.output_shape[axis];
  const WindowAttributes& window = attributes.window;
  if (window.auto_pad == AutoPad::kSameUpper || window.auto_pad == AutoPad::kSameLower) {
    return input * Dim(window.strides[axis]);
  }
  return UnpaddedExtent(attributes, axis, input) -
         Dim(window.pads[axis] + window.pads[window.kernel.size() + axis]);
}

Result<WindowAxis> ResolveAxis(const Attributes& attributes, size_t axis, int64_t input) {
  const WindowAttributes& window = attributes.window;
  WindowAxis result = {.input = OutputExtent(attributes, axis, input).value(),
                       .kernel = window.kernel[axis],
                       .stride = window.strides[axis],
                       .dilation = window.dilations[axis],
                       .pad_begin = window.pads[axis],
                       .pad_end = window.pads[window.kernel.size() + axis],
                       .output = input};
  if (input < 1 || result.input < 0) {
    return OpContext::Invalid(
        fmt::format("spatial axis {} of {} elements cannot be convolved: the output would have {}",
                    axis, input, result.input));
  }
  if (!attributes.output_shape.empty() || window.auto_pad == AutoPad::kSameUpper ||
      window.auto_pad == AutoPad::kSameLower) {
    // An output that is larger than what the windows cover gets zeros at its end.
    const int64_t total =
        std::max<int64_t>(0, UnpaddedExtent(attributes, axis, input).value() - result.input);
    result.pad_begin = window.auto_pad == AutoPad::kSameUpper ? total / 2 : total - total / 2;
    result.pad_end = total - result.pad_begin;
  }
  return result;
}

Status CheckGroups(int64_t channels, int64_t weight_channels, int64_t groups) {
  const bool fits = groups >= 1 && groups <= std::max<int64_t>(1, channels);
  if (fits && channels % groups == 0 && channels == weight_channels) return OkStatus();
  return OpContext::Invalid(fmt::format("channels of the input: expected {} in {} groups, got {}",
                                        weight_channels, groups, channels));
}

// A block of groups, or of filters of one group, whose products fit into the workspace.
struct Block {
  int64_t first_group = 0;
  int64_t groups = 1;
  int64_t first_filter = 0;
  int64_t filters = 1;
};

// unfolded (groups, filters, taps, input positions) of one image.
void Unfold(const TransposedConvolution& c, const Block& block, const double* image,
            const double* weights, double* unfolded, ThreadPool& threads) {
  const int64_t taps = c.kernel_count();
  const int64_t plane = c.input_count();
  const int64_t channel_weights = c.filters_per_group() * taps;
  const GemmProblem problem = {
      .products = block.groups,
      .rows = block.filters * taps,
      .columns = plane,
      .depth = c.channels_per_group(),
      .left =
          [&](int64_t product) {
            const int64_t channel = (block.first_group + product) * c.channels_per_group();
            return MatrixView{weights + channel * channel_weights + block.first_filter * taps, 1,
                              channel_weights};
          },
      .right = RowsOf([&](int64_t product) {
        const int64_t channel = (block.first_group + product) * c.channels_per_group();
        return MatrixView{image + channel * plane, plane};
      }),
      .result = [&](int64_t product) { return unfolded + product * block.filters * taps * plane; },
      .result_row_stride = plane};
  Gemm(problem, threads);
}

// Adds one tap's contributions, one per input position, to an output plane.
void ScatterTap(std::span<const WindowAxis> axes, int64_t tap, const double* unfolded,
                double* plane) {
  const TapWalk walk(axes, tap);
  const WindowAxis& last = axes.back();
  const TapWalk::Range inside = walk.inside();
  const int64_t rows = WindowWalk(axes).output_count() / last.output;
  for (int64_t row = 0; row < rows; ++row, unfolded += last.output) {
    const std::optional<int64_t> to = walk.InputRow(row);
    if (!to) continue;
    double* out = plane + *to + walk.first();
    for (int64_t i = inside.begin; i < inside.end; ++i) out[i * last.stride] += unfolded[i];
  }
}

void Fold(const TransposedConvolution& c, const Block& block, const double* unfolded, double* image,
          ThreadPool& threads) {
  const int64_t taps = c.kernel_count();
  const int64_t in_plane = c.input_count();
  const int64_t out_plane = c.output_count();
  threads.ParallelFor(block.groups * block.filters, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t group = block.first_group + i / block.filters;
      const int64_t filter = group * c.filters_per_group() + block.first_filter + i % block.filters;
      double* plane = image + filter * out_plane;
      std::fill_n(plane, out_plane, 0.0);
      for (int64_t tap = 0; tap < taps; ++tap) {
        ScatterTap(c.axes, tap, unfolded + (i * taps + tap) * in_plane, plane);
      }
    }
  });
}

std::vector<Block> BlocksOf(const TransposedConvolution& c, int64_t workspace_bytes) {
  const int64_t bytes = c.kernel_count() * c.input_count() * static_cast<int64_t>(sizeof(double));
  const int64_t most_filters = std::max<int64_t>(1, workspace_bytes / std::max<int64_t>(1, bytes));
  const int64_t filters = std::min(most_filters, std::max<int64_t>(1, c.filters_per_group()));
  const int64_t groups = std::max<int64_t>(1, most_filters / std::max<int64_t>(1, filters));
  std::vector<Block> blocks;
  for (int64_t group = 0; group < c.groups; group += groups) {
    for (int64_t filter = 0; filter < c.filters_per_group(); filter += filters) {
      blocks.push_back({group, std::min(groups, c.groups - group), filter,
                        std::min(filters, c.filters_per_group() - filter)});
    }
  }
  return blocks;
}

}  // namespace

Shape TransposedConvolution::OutputShape() const {
  Shape shape = {batch, filters};
  for (const WindowAxis& axis : axes) shape.dims().push_back(axis.input);
  return shape;
}

Result<TransposedConvolution> ResolveTransposedConvolution(const OpContext& context, const Shape& x,
                                                           const Shape& w) {
  if (x.rank() < 3 || w.rank() != x.rank()) {
    return OpContext::Invalid(
        fmt::format("input and weights: expected equal ranks of at least 3, got shapes {} and {}",
                    x.ToString(), w.ToString()));
  }
  ASSAY_ASSIGN_OR_RETURN(const Attributes attributes,
                         ReadAttributes(context, x.rank() - 2, std::span(w.dims()).subspan(2)));
  TransposedConvolution c = {.batch = x[0], .channels = x[1], .groups = context.Int("group")};
  ASSAY_RETURN_IF_ERROR(CheckGroups(c.channels, w[0], c.groups));
  c.filters = w[1] * c.groups;
  for (size_t axis = 0; axis + 2 < x.dims().size(); ++axis) {
    ASSAY_ASSIGN_OR_RETURN(const WindowAxis window,
                           ResolveAxis(attributes, axis, x.dims()[axis + 2]));
    c.axes.push_back(window);
  }
  return c;
}

Status InferTransposedConvolution(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* input = context.InputShape(0);
  const SymbolicShape* weights = context.InputShape(1);
  if (input == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  if (input->size() < 3 || (weights != nullptr && weights->size() != input->size())) {
    return OpContext::Invalid(
        fmt::format("input and weights: expected equal ranks of at least 3, got shapes {} and {}",
                    ToString(*input), weights == nullptr ? "?" : ToString(*weights)));
  }
  SymbolicShape output(input->size());
  output[0] = (*input)[0];
  std::vector<int64_t> kernel = context.Ints("kernel_shape");
  if (weights != nullptr) {
    output[1] = (*weights)[1] * Dim(context.Int("group"));
    const auto known = ToConcrete(SymbolicShape(weights->begin() + 2, weights->end()));
    if (known) kernel = known->dims();
    if ((*input)[1].IsKnown() && (*weights)[0].IsKnown()) {
      ASSAY_RETURN_IF_ERROR(
          CheckGroups((*input)[1].value(), (*weights)[0].value(), context.Int("group")));
    }
  }
  if (!kernel.empty()) {
    ASSAY_ASSIGN_OR_RETURN(const Attributes attributes,
                           ReadAttributes(context, static_cast<int>(input->size()) - 2, kernel));
    for (size_t axis = 2; axis < input->size(); ++axis) {
      output[axis] = OutputExtent(attributes, axis - 2, (*input)[axis]);
    }
  }
  context.SetOutput(0, dtype, std::move(output));
  return OkStatus();
}

void ConvolveTransposed(const TransposedConvolution& c, const double* input, const double* weights,
                        double* output, ThreadPool& threads, int64_t workspace_bytes) {
  const std::vector<Block> blocks = BlocksOf(c, workspace_bytes);
  int64_t most = 0;
  for (const Block& block : blocks) most = std::max(most, block.groups * block.filters);
  std::vector<double> unfolded(static_cast<size_t>(most * c.kernel_count() * c.input_count()));
  for (int64_t image = 0; image < c.batch; ++image) {
    const double* in = input + image * c.channels * c.input_count();
    double* out = output + image * c.filters * c.output_count();
    for (const Block& block : blocks) {
      Unfold(c, block, in, weights, unfolded.data(), threads);
      Fold(c, block, unfolded.data(), out, threads);
    }
  }
}

void NaiveConvolveTransposed(const TransposedConvolution& c, const double* input,
                             const double* weights, double* output) {
  const WindowWalk walk(c.axes);
  const int64_t taps = walk.kernel_count();
  const int64_t in_plane = walk.output_count();
  const int64_t out_plane = walk.input_count();
  std::fill_n(output, c.batch * c.filters * out_plane, 0.0);
  for (int64_t at = 0; at < c.batch * c.filters * c.channels_per_group() * in_plane * taps; ++at) {
    const int64_t tap = at % taps;
    const int64_t position = at / taps % in_plane;
    const int64_t in_group = at / taps / in_plane % c.channels_per_group();
    const int64_t filter = at / taps / in_plane / c.channels_per_group() % c.filters;
    const int64_t image = at / taps / in_plane / c.channels_per_group() / c.filters;
    const int64_t group = filter / c.filters_per_group();
    const int64_t channel = group * c.channels_per_group() + in_group;
    int64_t offset = 0;
    int64_t scale = 1;
    int64_t rest_position = position;
    int64_t rest_tap = tap;
    bool inside = true;
    for (size_t axis = c.axes.size(); axis-- > 0;) {
      const WindowAxis& a = c.axes[axis];
      const int64_t index = a.InputIndex(rest_position % a.output, rest_tap % a.kernel);
      inside = inside && index >= 0 && index < a.input;
      offset += index * scale;
      scale *= a.input;
      rest_position /= a.output;
      rest_tap /= a.kernel;
    }
    if (!inside) continue;
    output[(image * c.filters + filter) * out_plane + offset] +=
        input[(image * c.channels + channel) * in_plane + position] *
        weights[(channel * c.filters_per_group() + filter % c.filters_per_group()) * taps + tap];
  }
}

}  // namespace assay
