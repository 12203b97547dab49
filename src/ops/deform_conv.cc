#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ops/cases.h"
#include "ops/convolution.h"
#include "ops/matrix_product.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 19,
     .also_since = {22},
     .inputs = {{"X", kFloats},
                {"W", kFloats},
                {"offset", kFloats},
                {"B", kFloats, Arity::kOptional},
                {"mask", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    IntAttribute("offset_group", 1),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

// Checks `shape` of an input that has `values` per tap and output position: (batch, offset_group *
// taps * values, output extents...).
Status CheckPerTap(const SymbolicShape& shape, std::string_view name, const SymbolicShape& output,
                   const Dim& channels) {
  SymbolicShape expected = output;
  expected[1] = channels;
  bool fits = shape.size() == expected.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    fits = !shape[i].IsKnown() || !expected[i].IsKnown() || shape[i].value() == expected[i].value();
  }
  if (fits) return OkStatus();
  return OpContext::Invalid(
      fmt::format("{}: expected shape {}, got {}", name, ToString(expected), ToString(shape)));
}

// `taps` and the extents of the output may be unknown.
Status CheckOffsets(const OpContext& context, const Dim& channels, const Dim& taps,
                    const SymbolicShape& output, const SymbolicShape* offset,
                    const SymbolicShape* mask) {
  const int64_t groups = context.Int("offset_group");
  if (groups < 1 || (channels.IsKnown() && channels.value() % groups != 0)) {
    return OpContext::Invalid(
        fmt::format("attribute \"offset_group\": expected a divisor of the {} channels, got {}",
                    channels.ToString(), groups));
  }
  const auto rank = static_cast<int64_t>(output.size()) - 2;
  const Dim masks = Dim(groups) * taps;
  if (offset != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckPerTap(*offset, "offset", output, masks * rank));
  }
  return mask == nullptr ? OkStatus() : CheckPerTap(*mask, "mask", output, masks);
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferConvolution(context, 0, 1, context.InputType(0)));
  const SymbolicShape* x = context.InputShape(0);
  if (x == nullptr) return OkStatus();
  Dim taps;
  if (const SymbolicShape* w = context.InputShape(1); w != nullptr) {
    taps = 1;
    for (size_t axis = 2; axis < w->size(); ++axis) taps = taps * (*w)[axis];
  }
  SymbolicShape output = *context.outputs()[0].type.shape;
  ASSAY_RETURN_IF_ERROR(
      CheckOffsets(context, (*x)[1], taps, output, context.InputShape(2), context.InputShape(4)));
  if (const SymbolicShape* offset = context.InputShape(2); offset != nullptr) {
    for (size_t axis = 2; axis < output.size(); ++axis) {
      if (!output[axis].IsKnown()) output[axis] = (*offset)[axis];
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// Reads a plane between its pixels: linear along every axis, zero outside.
class Interpolation {
 public:
  explicit Interpolation(std::span<const WindowAxis> axes) : axes_(axes) {}

  // A position that is no number gives NaN.
  double At(const double* plane, std::span<const double> position) const {
    return Along(plane, position, 0, 0);
  }

 private:
  double Along(const double* plane, std::span<const double> position, size_t axis,
               int64_t offset) const {
    if (axis == axes_.size()) return plane[offset];
    const double x = position[axis];
    if (std::isnan(x)) return x;
    const int64_t extent = axes_[axis].input;
    if (x <= -1 || x >= static_cast<double>(extent)) return 0;
    const auto low = static_cast<int64_t>(std::floor(x));
    const double beyond = x - static_cast<double>(low);
    double sum = 0;
    if (low >= 0) sum = (1 - beyond) * Along(plane, position, axis + 1, offset * extent + low);
    if (beyond > 0 && low + 1 < extent) {
      sum += beyond * Along(plane, position, axis + 1, offset * extent + low + 1);
    }
    return sum;
  }

  std::span<const WindowAxis> axes_;
};

// The input as the taps of a deformed convolution see it.
class DeformedInput {
 public:
  DeformedInput(const ReferenceContext& context, const Convolution& convolution)
      : convolution_(convolution),
        interpolation_(convolution.axes),
        taps_(convolution.kernel_count()),
        positions_(convolution.output_count()),
        offset_groups_(context.Int("offset_group")),
        input_(context.Doubles(0).data()),
        offsets_(context.Doubles(2).data()),
        mask_(context.HasInput(4) ? context.Doubles(4).data() : nullptr) {}

  // What tap `tap` sees of a channel at output positions [begin, begin + out.size()).
  void Read(int64_t image, int64_t channel, int64_t tap, int64_t begin,
            std::span<double> out) const {
    const std::span<const WindowAxis> axes = convolution_.axes;
    const int64_t group = channel / (convolution_.channels / offset_groups_);
    const int64_t row = (image * offset_groups_ + group) * taps_ + tap;
    const auto rank = static_cast<int64_t>(axes.size());
    const double* offsets = offsets_ + row * rank * positions_;
    const double* mask = mask_ == nullptr ? nullptr : mask_ + row * positions_;
    const double* plane =
        input_ + (image * convolution_.channels + channel) * convolution_.input_count();
    std::array<double, kMaxWindowRank> position{};
    for (size_t i = 0; i < out.size(); ++i) {
      const int64_t at = begin + static_cast<int64_t>(i);
      int64_t rest_of_position = at;
      int64_t rest_of_tap = tap;
      for (size_t axis = axes.size(); axis-- > 0;) {
        const WindowAxis& a = axes[axis];
        const int64_t index = a.InputIndex(rest_of_position % a.output, rest_of_tap % a.kernel);
        position[axis] =
            static_cast<double>(index) + offsets[static_cast<int64_t>(axis) * positions_ + at];
        rest_of_position /= a.output;
        rest_of_tap /= a.kernel;
      }
      out[i] = interpolation_.At(plane, std::span(position).first(axes.size()));
      if (mask != nullptr) out[i] *= mask[at];
    }
  }

 private:
  const Convolution& convolution_;
  Interpolation interpolation_;
  int64_t taps_;
  int64_t positions_;
  int64_t offset_groups_;
  const double* input_;
  const double* offsets_;
  const double* mask_;  // null: ones
};

// One matrix product per image and group, whose right-hand side is read from the input on the way.
void ConvolveDeformed(const Convolution& c, const DeformedInput& input, const double* weights,
                      double* output, ThreadPool& threads) {
  const int64_t taps = c.kernel_count();
  const int64_t positions = c.output_count();
  const int64_t depth = c.channels_per_group() * taps;
  const GemmProblem problem = {
      .products = c.batch * c.groups,
      .rows = c.filters_per_group(),
      .columns = positions,
      .depth = depth,
      .left =
          [&](int64_t product) {
            return MatrixView{weights + product % c.groups * c.filters_per_group() * depth, depth};
          },
      .right =
          [&](int64_t product, int64_t row, int64_t begin, std::span<double> out) {
            const int64_t channel = product % c.groups * c.channels_per_group() + row / taps;
            input.Read(product / c.groups, channel, row % taps, begin, out);
          },
      .result =
          [&](int64_t product) { return output + product * c.filters_per_group() * positions; },
      .result_row_stride = positions};
  Gemm(problem, threads);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(
      const Convolution convolution,
      ResolveConvolution(context, context.Input(0).shape(), context.Input(1).shape()));
  ASSAY_RETURN_IF_ERROR(CheckFilterBias(context, 3, convolution.filters));
  const Shape shape = convolution.OutputShape();
  const SymbolicShape offset = ToSymbolic(context.Input(2).shape());
  SymbolicShape mask;
  if (context.HasInput(4)) mask = ToSymbolic(context.Input(4).shape());
  ASSAY_RETURN_IF_ERROR(CheckOffsets(context, convolution.channels, convolution.kernel_count(),
                                     ToSymbolic(shape), &offset,
                                     context.HasInput(4) ? &mask : nullptr));
  const auto out = context.AllocateOutput(0, shape).mutable_data<double>();
  ConvolveDeformed(convolution, DeformedInput(context, convolution), context.Doubles(1).data(),
                   out.data(), context.threads());
  if (context.HasInput(3)) {
    AddFilterBias(context.Doubles(3), convolution.batch, convolution.output_count(), out,
                  context.threads());
  }
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void AddPositionCases(std::vector<OpCase>& cases) {
  const Tensor picture = Tensor::Of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor pair = Tensor::Of<float>({1, 1, 1, 2}, {1, 10});
  const auto zeros = [](Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); };
  cases.push_back({.name = "no_offsets",
                   .opset = 19,
                   .inputs = {picture, pair, zeros({1, 4, 3, 2})},
                   .expected = {Tensor::Of<float>({1, 1, 3, 2}, {21, 32, 54, 65, 87, 98})}});
  // A kernel of one pixel: down and right by offsets, also between and beyond pixels.
  const Tensor one = Tensor::Of<float>({1, 1, 1, 1}, {1});
  cases.push_back(
      {.name = "whole_and_half_pixels",
       .inputs = {picture, one,
                  Tensor::Of<float>({1, 2, 3, 3}, {1, 0, 0.5F, 0, -0.5F, -2, 0, 0.5F, 9,  //
                                                   0, 1, 0, 0.5F, -0.5F, 0, -0.5F, 0, 0})},
       .expected = {Tensor::Of<float>({1, 1, 3, 3}, {4, 3, 4.5F, 4.5F, 3, 0, 3.5F, 4, 0})}});
  cases.push_back(
      {.name = "special_offsets",
       .inputs = {Tensor::Of<double>({1, 1, 3}, {1, 2, 3}), Tensor::Of<double>({1, 1, 1}, {1}),
                  Tensor::Of<double>({1, 1, 3}, {kInfinity, kNaN, -kInfinity})},
       .expected = {Tensor::Of<double>({1, 1, 3}, {0, kNaN, 0})}});
  cases.push_back({.name = "padding_counts_as_zeros",
                   .attributes = {{"pads", Ints{1, 1}}, {"kernel_shape", Ints{1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 1}, {8}), Tensor::Of<float>({1, 1, 1}, {1}),
                              Tensor::Of<float>({1, 1, 3}, {0.25F, -0.5F, -1.75F})},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {2, 4, 2})}});
  cases.push_back({.name = "strides_and_dilations",
                   .attributes = {{"strides", Ints{2}}, {"dilations", Ints{2}}},
                   .inputs = {Tensor::Of<float>({1, 1, 5}, {1, 2, 3, 4, 5}),
                              Tensor::Of<float>({1, 1, 2}, {1, 10}),
                              Tensor::Of<float>({1, 2, 2}, {0, 1, 0, -1})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {31, 44})}});
  cases.push_back({.name = "between_eight_pixels",
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              Tensor::Of<float>({1, 1, 2, 2, 2}, {1, 0, 0, 0, 0, 0, 0, 0}),
                              Tensor::Of<float>({1, 24, 1, 1, 1},
                                                {0.5F, 0.5F, 0.5F, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                                 0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1, 1}, {4.5F})}});
}

void AddGroupCases(std::vector<OpCase>& cases) {
  const Tensor channels = Tensor::Of<float>({1, 2, 3}, {1, 2, 3, 10, 20, 30});
  cases.push_back({.name = "mask_and_bias",
                   .inputs = {channels, Tensor::Of<float>({1, 2, 1}, {1, 1}),
                              Tensor::Of<float>({1, 1, 3}, {0, 0, 0}), Tensor::Vector<float>({100}),
                              Tensor::Of<float>({1, 1, 3}, {1, 0, 0.5F})},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {111, 100, 116.5F})}});
  cases.push_back({.name = "groups_of_offsets",
                   .attributes = {{"offset_group", int64_t{2}}},
                   .inputs = {channels, Tensor::Of<float>({1, 2, 1}, {1, 1}),
                              Tensor::Of<float>({1, 2, 3}, {0, 0, 0, 1, 1, 1}), std::nullopt,
                              Tensor::Of<float>({1, 2, 3}, {1, 1, 1, 1, 2, 1})},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {21, 62, 3})}});
  cases.push_back(
      {.name = "groups_of_channels",
       .attributes = {{"group", int64_t{2}}},
       .inputs = {channels, Tensor::Of<float>({4, 1, 1}, {1, 2, 3, 4}),
                  Tensor::Of<float>({1, 1, 3}, {0, 1, 0})},
       .expected = {Tensor::Of<float>({1, 4, 3}, {1, 3, 3, 2, 6, 6, 30, 90, 90, 40, 120, 120})}});
  cases.push_back(
      {.name = "images_have_their_own_offsets",
       .inputs = {Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4}), Tensor::Of<float>({1, 1, 1}, {1}),
                  Tensor::Of<float>({2, 1, 2}, {0, 0, 1, -1})},
       .expected = {Tensor::Of<float>({2, 1, 2}, {1, 2, 4, 3})}});
  cases.push_back({.name = "no_images",
                   .inputs = {Tensor::Of<float>({0, 1, 2}, {}), Tensor::Of<float>({1, 1, 1}, {1}),
                              Tensor::Of<float>({0, 1, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 2}, {})}});
}

void Cases(std::vector<OpCase>& cases) {
  AddPositionCases(cases);
  AddGroupCases(cases);
}

}  // namespace

extern const OpDef kDeformConv;
const OpDef kDeformConv = {.name = "DeformConv",
                           .schemas = kSchemas,
                           .infer = Infer,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
