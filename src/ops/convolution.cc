#include "ops/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/matrix_product.h"
#include "ops/tap_walk.h"

namespace assay {
namespace {

// Groups with fewer filters are convolved tap by tap.
constexpr int64_t kLeastProductRows = 3;

Status CheckGroups(int64_t channels, int64_t weight_channels, int64_t filters, int64_t groups) {
  if (groups < 1 || groups > std::max<int64_t>(1, filters) || filters % groups != 0) {
    return OpContext::Invalid(fmt::format(
        "attribute \"group\": expected a divisor of the {} filters, got {}", filters, groups));
  }
  // Written as a division, since a product of hostile values could overflow.
  if (channels % groups == 0 && channels / groups == weight_channels) return OkStatus();
  return OpContext::Invalid(
      fmt::format("channels of the input: expected {} groups of {}, got {} channels", groups,
                  weight_channels, channels));
}

// Writes the inputs under one tap for output positions [begin, begin + out.size()) of a plane.
void GatherTap(std::span<const WindowAxis> axes, int64_t tap, const double* plane, int64_t begin,
               std::span<double> out) {
  const TapWalk walk(axes, tap);
  const WindowAxis& last = axes.back();
  const auto end = begin + static_cast<int64_t>(out.size());
  double* to = out.data();
  while (begin < end) {
    const int64_t row = begin / last.output;
    const int64_t column = begin % last.output;
    const int64_t count = std::min(end - begin, last.output - column);
    const std::optional<int64_t> input = walk.InputRow(row);
    const int64_t from = std::clamp(walk.inside().begin, column, column + count) - column;
    const int64_t until =
        input ? std::clamp(walk.inside().end, column, column + count) - column : from;
    std::fill(to, to + from, 0.0);
    if (until > from) {
      const double* in = plane + *input + walk.first() + (column + from) * last.stride;
      if (last.stride == 1) {
        std::copy_n(in, until - from, to + from);
      } else {
        for (int64_t i = from; i < until; ++i, in += last.stride) to[i] = *in;
      }
    }
    std::fill(to + until, to + count, 0.0);
    to += count;
    begin += count;
  }
}

// Adds weight * input under one tap to a whole output plane.
void AccumulateTap(std::span<const WindowAxis> axes, int64_t tap, const double* plane,
                   double weight, double* out) {
  const TapWalk walk(axes, tap);
  const WindowAxis& last = axes.back();
  const int64_t rows = WindowWalk(axes).output_count() / std::max<int64_t>(1, last.output);
  const double padding = weight * 0.0;
  for (int64_t row = 0; row < rows; ++row, out += last.output) {
    const std::optional<int64_t> input = walk.InputRow(row);
    const TapWalk::Range inside = input ? walk.inside() : TapWalk::Range{};
    if (std::isnan(padding)) {
      std::fill(out, out + inside.begin, padding);
      std::fill(out + inside.end, out + last.output, padding);
    }
    if (inside.begin == inside.end) continue;
    const double* in = plane + *input + walk.first() + inside.begin * last.stride;
    if (last.stride == 1) {
      const int64_t count = inside.end - inside.begin;
      double* to = out + inside.begin;
      for (int64_t i = 0; i < count; ++i) to[i] += weight * in[i];
    } else {
      for (int64_t i = inside.begin; i < inside.end; ++i, in += last.stride) out[i] += weight * *in;
    }
  }
}

void ConvolveByTaps(const Convolution& c, const double* input, const double* weights,
                    double* output, ThreadPool& threads) {
  const int64_t in_plane = c.input_count();
  const int64_t out_plane = c.output_count();
  const int64_t taps = c.kernel_count();
  const int64_t depth = c.channels_per_group();
  threads.ParallelFor(c.batch * c.filters, 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t filter = plane % c.filters;
      const int64_t channel = filter / c.filters_per_group() * depth;
      const double* in = input + (plane / c.filters * c.channels + channel) * in_plane;
      const double* weight = weights + filter * depth * taps;
      double* out = output + plane * out_plane;
      std::fill_n(out, out_plane, 0.0);
      for (int64_t k = 0; k < depth * taps; ++k) {
        AccumulateTap(c.axes, k % taps, in + k / taps * in_plane, weight[k], out);
      }
    }
  });
}

void ConvolveByProduct(const Convolution& c, const double* input, const double* weights,
                       double* output, ThreadPool& threads) {
  const int64_t in_plane = c.input_count();
  const int64_t out_plane = c.output_count();
  const int64_t taps = c.kernel_count();
  const int64_t depth = c.channels_per_group() * taps;
  // Product p convolves group p % groups of image p / groups; all its planes lie together.
  const GemmProblem problem = {
      .products = c.batch * c.groups,
      .rows = c.filters_per_group(),
      .columns = out_plane,
      .depth = depth,
      .left =
          [&](int64_t product) {
            return MatrixView{weights + product % c.groups * c.filters_per_group() * depth, depth};
          },
      .right =
          [&](int64_t product, int64_t row, int64_t begin, std::span<double> out) {
            const int64_t plane = product * c.channels_per_group() + row / taps;
            GatherTap(c.axes, row % taps, input + plane * in_plane, begin, out);
          },
      .result =
          [&](int64_t product) { return output + product * c.filters_per_group() * out_plane; },
      .result_row_stride = out_plane};
  Gemm(problem, threads);
}

}  // namespace

Shape Convolution::OutputShape() const {
  Shape shape = {batch, filters};
  for (const WindowAxis& axis : axes) shape.dims().push_back(axis.output);
  return shape;
}

Result<Convolution> ResolveConvolution(const OpContext& context, const Shape& x, const Shape& w) {
  if (x.rank() < 3 || w.rank() != x.rank()) {
    return OpContext::Invalid(
        fmt::format("input and weights: expected equal ranks of at least 3, got shapes {} and {}",
                    x.ToString(), w.ToString()));
  }
  const std::span<const int64_t> kernel = std::span(w.dims()).subspan(2);
  ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                         ReadWindowAttributes(context, x.rank() - 2, kernel));
  Convolution convolution = {
      .batch = x[0], .channels = x[1], .filters = w[0], .groups = context.Int("group")};
  ASSAY_RETURN_IF_ERROR(
      CheckGroups(convolution.channels, w[1], convolution.filters, convolution.groups));
  ASSAY_ASSIGN_OR_RETURN(convolution.axes,
                         ResolveWindow(attributes, std::span(x.dims()).subspan(2)));
  return convolution;
}

Status InferConvolution(InferContext& context, int x, int w, DType dtype) {
  const SymbolicShape* input = context.InputShape(x);
  const SymbolicShape* weights = context.InputShape(w);
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
    output[1] = (*weights)[0];
    const std::optional<Shape> known =
        ToConcrete(SymbolicShape(weights->begin() + 2, weights->end()));
    if (known) kernel = known->dims();
    if ((*input)[1].IsKnown() && (*weights)[0].IsKnown() && (*weights)[1].IsKnown()) {
      ASSAY_RETURN_IF_ERROR(CheckGroups((*input)[1].value(), (*weights)[1].value(),
                                        (*weights)[0].value(), context.Int("group")));
    }
  }
  if (!kernel.empty()) {
    ASSAY_ASSIGN_OR_RETURN(
        const WindowAttributes attributes,
        ReadWindowAttributes(context, static_cast<int>(input->size()) - 2, kernel));
    for (size_t axis = 2; axis < input->size(); ++axis) {
      ASSAY_ASSIGN_OR_RETURN(output[axis], InferWindowCount(attributes, axis - 2, (*input)[axis]));
    }
  }
  context.SetOutput(0, dtype, std::move(output));
  return OkStatus();
}

void Convolve(const Convolution& convolution, const double* input, const double* weights,
              double* output, ThreadPool& threads) {
  if (convolution.filters_per_group() < kLeastProductRows) {
    ConvolveByTaps(convolution, input, weights, output, threads);
  } else {
    ConvolveByProduct(convolution, input, weights, output, threads);
  }
}

namespace {

// Input offset under one tap of one output position, both row-major; nullopt in the padding.
std::optional<int64_t> InputUnder(std::span<const WindowAxis> axes, int64_t position, int64_t tap) {
  int64_t offset = 0;
  int64_t scale = 1;
  for (size_t axis = axes.size(); axis-- > 0;) {
    const WindowAxis& a = axes[axis];
    const int64_t index = a.InputIndex(position % a.output, tap % a.kernel);
    if (index < 0 || index >= a.input) return std::nullopt;
    offset += index * scale;
    scale *= a.input;
    position /= a.output;
    tap /= a.kernel;
  }
  return offset;
}

}  // namespace

void NaiveConvolve(const Convolution& c, const double* input, const double* weights,
                   double* output) {
  const WindowWalk walk(c.axes);
  const int64_t in_plane = walk.input_count();
  const int64_t taps = walk.kernel_count();
  const int64_t depth = c.channels_per_group();
  for (int64_t at = 0; at < c.batch * c.filters * walk.output_count(); ++at) {
    const int64_t position = at % walk.output_count();
    const int64_t filter = at / walk.output_count() % c.filters;
    const int64_t image = at / walk.output_count() / c.filters;
    const int64_t first_channel = filter / c.filters_per_group() * depth;
    double sum = 0;
    for (int64_t channel = 0; channel < depth; ++channel) {
      const double* plane = input + (image * c.channels + first_channel + channel) * in_plane;
      for (int64_t tap = 0; tap < taps; ++tap) {
        const std::optional<int64_t> offset = InputUnder(c.axes, position, tap);
        sum += weights[(filter * depth + channel) * taps + tap] * (offset ? plane[*offset] : 0.0);
      }
    }
    output[at] = sum;
  }
}

Status CheckFilterBias(const ReferenceContext& context, int index, int64_t filters) {
  if (!context.HasInput(index) || context.Input(index).shape() == Shape{filters}) return OkStatus();
  return OpContext::Invalid(fmt::format("bias: expected shape ({},), got {}", filters,
                                        context.Input(index).shape().ToString()));
}

void AddFilterBias(std::span<const double> bias, int64_t batch, int64_t plane,
                   std::span<double> output, ThreadPool& threads) {
  const auto filters = static_cast<int64_t>(bias.size());
  threads.ParallelFor(batch * filters, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double value = bias[static_cast<size_t>(i % filters)];
      for (double& out : output.subspan(static_cast<size_t>(i * plane), static_cast<size_t>(plane)))
        out += value;
    }
  });
}

}  // namespace assay
