#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/data_movement.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/saturate.h"
#include "ops/type_sets.h"
#include "ops/window.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 16,
     .inputs = {{"X", kAllTypes}, {"grid", kFloats}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {IntAttribute("align_corners", 0), StringAttribute("mode", "bilinear"),
                    StringAttribute("padding_mode", "zeros")}},
    {.since = 20,
     .also_since = {22},
     .inputs = {{"X", kAllTypes}, {"grid", kFloats}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {IntAttribute("align_corners", 0), StringAttribute("mode", "linear"),
                    StringAttribute("padding_mode", "zeros")}},
};

enum class Mode { kNearest, kLinear, kCubic };
enum class Padding { kZeros, kBorder, kReflection };

struct Sampling {
  Mode mode = Mode::kLinear;
  Padding padding = Padding::kZeros;
  bool align_corners = false;
};

Result<Sampling> ReadSampling(const OpContext& context) {
  Sampling sampling;
  const std::string mode = context.String("mode");
  if (mode == "nearest") {
    sampling.mode = Mode::kNearest;
  } else if (mode == "cubic" || mode == "bicubic") {
    sampling.mode = Mode::kCubic;
  } else if (mode != "linear" && mode != "bilinear") {
    return OpContext::Invalid(
        fmt::format("attribute \"mode\": expected nearest, linear or cubic, got \"{}\"", mode));
  }
  const std::string padding = context.String("padding_mode");
  if (padding == "border") {
    sampling.padding = Padding::kBorder;
  } else if (padding == "reflection") {
    sampling.padding = Padding::kReflection;
  } else if (padding != "zeros") {
    return OpContext::Invalid(fmt::format(
        "attribute \"padding_mode\": expected zeros, border or reflection, got \"{}\"", padding));
  }
  sampling.align_corners = context.Int("align_corners") != 0;
  return sampling;
}

Status CheckShapes(size_t x_rank, size_t grid_rank, bool last_fits, const std::string& x,
                   const std::string& grid) {
  if (x_rank >= 3 && x_rank <= static_cast<size_t>(kMaxWindowRank) && grid_rank == x_rank &&
      last_fits) {
    return OkStatus();
  }
  return OpContext::Invalid(
      fmt::format("grid: expected one position of {} coordinates per output element of an input of "
                  "rank {}, got X {} and grid {}",
                  x_rank - 2, x_rank, x, grid));
}

Status Infer(InferContext& context) {
  const SymbolicShape* x = context.InputShape(0);
  const SymbolicShape* grid = context.InputShape(1);
  std::optional<SymbolicShape> output;
  if (x != nullptr && grid != nullptr) {
    const bool fits = grid->empty() || !grid->back().IsKnown() ||
                      grid->back().value() == static_cast<int64_t>(x->size()) - 2;
    ASSAY_RETURN_IF_ERROR(
        CheckShapes(x->size(), grid->size(), fits, ToString(*x), ToString(*grid)));
    output = SymbolicShape{(*x)[0], (*x)[1]};
    output->insert(output->end(), grid->begin() + 1, grid->end() - 1);
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// The interval that padding reflects at: centres of the corner pixels, or their outer edges.
struct Border {
  double low = 0;
  double high = 0;
};

Border BorderOf(int64_t extent, bool align_corners) {
  const auto length = static_cast<double>(extent);
  return align_corners ? Border{0, length - 1} : Border{-0.5, length - 0.5};
}

double Reflect(double x, Border border) {
  const double range = border.high - border.low;
  if (range == 0) return border.low;
  const bool below = x < border.low;
  if (!below && x <= border.high) return x;
  const double distance = below ? border.low - x : x - border.high;
  const bool turned = std::fmod(std::floor(distance / range), 2) != 0;
  const double rest = std::fmod(distance, range);
  return below != turned ? border.low + rest : border.high - rest;
}

// Weighted input indices along one axis; index -1 stands for a zero outside.
struct AxisTaps {
  int count = 0;
  int64_t index[4];
  double weight[4];
};

int64_t PixelIndex(double at, int64_t extent, const Sampling& sampling) {
  const auto last = static_cast<double>(extent - 1);
  switch (sampling.padding) {
    case Padding::kZeros:
      return at >= 0 && at <= last ? static_cast<int64_t>(at) : -1;
    case Padding::kBorder:
      break;
    case Padding::kReflection:
      at = Reflect(at, BorderOf(extent, sampling.align_corners));
      break;
  }
  return static_cast<int64_t>(std::clamp(at, 0.0, last));
}

// Keys' cubic convolution with a = -0.75 at distance x from the sample.
double CubicWeight(double x) {
  constexpr double kA = -0.75;
  x = std::fabs(x);
  if (x <= 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA;
  return 0;
}

// A coordinate that is no number gives a tap without pixel whose weight is NaN.
AxisTaps TapsAt(double normalized, int64_t extent, const Sampling& sampling) {
  const auto length = static_cast<double>(extent);
  double x = sampling.align_corners ? (normalized + 1) / 2 * (length - 1)
                                    : ((normalized + 1) * length - 1) / 2;
  if (sampling.mode == Mode::kNearest) x = std::nearbyint(x);
  const Border border = BorderOf(extent, sampling.align_corners);
  if (x < border.low || x > border.high) {
    // Cubic taps are clamped one by one, as PyTorch has it; none changes any more beyond 3 pixels.
    const double beyond = sampling.mode == Mode::kCubic ? 3 : 0;
    if (sampling.padding == Padding::kBorder) x = std::clamp(x, -beyond, length - 1 + beyond);
    if (sampling.padding == Padding::kReflection) x = Reflect(x, border);
  }
  AxisTaps taps;
  if (std::isnan(x)) {
    taps.count = 1;
    taps.index[0] = -1;
    taps.weight[0] = x;
    return taps;
  }
  const double base = std::floor(x);
  const int first = sampling.mode == Mode::kCubic ? -1 : 0;
  const int last = sampling.mode == Mode::kCubic ? 2 : sampling.mode == Mode::kLinear ? 1 : 0;
  for (int i = first; i <= last; ++i) {
    const double distance = base + i - x;
    const double weight = sampling.mode == Mode::kCubic    ? CubicWeight(distance)
                          : sampling.mode == Mode::kLinear ? 1 - std::fabs(distance)
                                                           : 1;
    // Infinite coordinates have no weights but lie outside of everything.
    if (weight == 0 || std::isnan(weight)) continue;
    taps.index[taps.count] = PixelIndex(base + i, extent, sampling);
    taps.weight[taps.count++] = weight;
  }
  return taps;
}

// One pixel of a plane with its weight.
struct PlaneTap {
  int64_t offset = -1;  // -1: zero
  double weight = 1;
};

// The taps of one position, all axes combined. Coordinates come innermost axis first.
void CombineTaps(const double* position, std::span<const int64_t> extents, const Sampling& sampling,
                 std::vector<PlaneTap>& taps, std::vector<PlaneTap>& next) {
  taps.assign(1, {0, 1});
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    const AxisTaps own = TapsAt(position[extents.size() - 1 - axis], extents[axis], sampling);
    next.clear();
    for (const PlaneTap& tap : taps) {
      for (int i = 0; i < own.count; ++i) {
        const bool outside = tap.offset < 0 || own.index[i] < 0;
        next.push_back(
            {outside ? -1 : tap.offset * extents[axis] + own.index[i], tap.weight * own.weight[i]});
      }
    }
    taps.swap(next);
  }
}

// What the samples of one image need.
struct Geometry {
  std::span<const int64_t> extents;
  int64_t channels = 0;
  int64_t plane = 0;   // elements of an input plane
  int64_t points = 0;  // elements of an output plane
};

// body(image, point, taps) for every output position.
template <typename Body>
void ForEachPosition(const ReferenceContext& context, const Geometry& geometry,
                     const Sampling& sampling, Body body) {
  const std::span<const double> grid = context.Doubles(1);
  const auto rank = static_cast<int64_t>(geometry.extents.size());
  const int64_t images = context.Input(0).shape()[0];
  context.threads().ParallelFor(images * geometry.points, 1024, [&](int64_t begin, int64_t end) {
    std::vector<PlaneTap> taps;
    std::vector<PlaneTap> next;
    for (int64_t at = begin; at < end; ++at) {
      CombineTaps(grid.data() + at * rank, geometry.extents, sampling, taps, next);
      body(at / geometry.points, at % geometry.points, taps);
    }
  });
}

Tensor SampleNearest(const ReferenceContext& context, const Geometry& geometry,
                     const Sampling& sampling, const Shape& output) {
  const Tensor& input = context.Input(0);
  const ElementBuffer source(input);
  ElementBuffer result(input.dtype(), output);
  ForEachPosition(context, geometry, sampling,
                  [&](int64_t image, int64_t point, const std::vector<PlaneTap>& taps) {
                    for (int64_t c = 0; c < geometry.channels; ++c) {
                      const int64_t plane = image * geometry.channels + c;
                      const int64_t to = plane * geometry.points + point;
                      if (taps.empty() || taps[0].offset < 0) {
                        result.Clear(to, 1);
                      } else {
                        result.Copy(to, source, plane * geometry.plane + taps[0].offset, 1);
                      }
                    }
                  });
  return result.Finish();
}

template <typename T>
void Interpolate(ReferenceContext& context, const Geometry& geometry, const Sampling& sampling,
                 const Shape& output) {
  const std::span<const T> in = context.Input(0).data<T>();
  const std::span<T> out = context.AllocateOutput(0, output).mutable_data<T>();
  ForEachPosition(
      context, geometry, sampling,
      [&](int64_t image, int64_t point, const std::vector<PlaneTap>& taps) {
        for (int64_t c = 0; c < geometry.channels; ++c) {
          const int64_t plane = image * geometry.channels + c;
          const T* pixels = in.data() + plane * geometry.plane;
          double sum = 0;
          for (const PlaneTap& tap : taps) {
            sum += tap.weight * (tap.offset < 0 ? 0.0 : static_cast<double>(pixels[tap.offset]));
          }
          out[static_cast<size_t>(plane * geometry.points + point)] = SaturateTo<T>(sum);
        }
      });
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Sampling sampling, ReadSampling(context));
  const Shape& x = context.Input(0).shape();
  const Shape& grid = context.Input(1).shape();
  const bool fits = grid.rank() == x.rank() && grid.rank() > 0 &&
                    grid[grid.rank() - 1] == x.rank() - 2 && grid[0] == x[0];
  ASSAY_RETURN_IF_ERROR(
      CheckShapes(x.dims().size(), grid.dims().size(), fits, x.ToString(), grid.ToString()));
  Shape output = {x[0], x[1]};
  output.dims().insert(output.dims().end(), grid.begin() + 1, grid.end() - 1);
  const Geometry geometry = {.extents = std::span(x.dims()).subspan(2),
                             .channels = x[1],
                             .plane = x.elements(2, x.rank()),
                             .points = output.elements(2, output.rank())};
  if (geometry.plane == 0 && output.elements() > 0) {
    return OpContext::Invalid("X: expected pixels to sample, got shape " + x.ToString());
  }
  if (sampling.mode == Mode::kNearest) {
    context.SetOutput(0, SampleNearest(context, geometry, sampling, output));
    return OkStatus();
  }
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    Interpolate<T>(context, geometry, sampling, output);
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

using Text = std::string;

void AddPaddingCases(std::vector<OpCase>& cases) {
  // Four pixels in a row, sampled at pixel positions -2, -0.5, 1.5, 3.25 and 6.
  const Tensor row = Tensor::Of<float>({1, 1, 4}, {1, 2, 4, 8});
  const Tensor grid = Tensor::Of<float>({1, 5, 1}, {-1.75F, -1, 0, 0.875F, 2.25F});
  cases.push_back({.name = "linear_zeros",
                   .inputs = {row, grid},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {0, 0.5F, 3, 6, 0})}});
  cases.push_back({.name = "linear_border",
                   .attributes = {{"padding_mode", Text("border")}},
                   .inputs = {row, grid},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {1, 1, 3, 8, 8})}});
  cases.push_back({.name = "linear_reflection_at_the_edges",
                   .attributes = {{"padding_mode", Text("reflection")}},
                   .inputs = {row, grid},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {2, 1, 3, 8, 2})}});
  cases.push_back({.name = "nearest_zeros_rounds_to_even",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {row, grid},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {0, 1, 4, 8, 0})}});
  cases.push_back(
      {.name = "cubic_border",
       .attributes = {{"mode", Text("cubic")}, {"padding_mode", Text("border")}},
       .inputs = {row, Tensor::Of<float>({1, 6, 1}, {-1.75F, -1.125F, -1, 0, 0.875F, 2.25F})},
       // At 1.5 the weights are -3/32, 19/32, 19/32, -3/32; at -0.5 the three left of pixel 1 fall
       // on pixel 0, and so they do at -0.75, where pixel 1 has weight -9/256.
       .expected = {
           Tensor::Of<double>({1, 1, 6}, {1, 0.96484375, 0.90625, 2.71875, 8.421875, 8})}});
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor square = Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 4, 8});
  cases.push_back({.name = "align_corners_opset16",
                   .opset = 16,
                   .attributes = {{"align_corners", int64_t{1}}, {"mode", Text("bilinear")}},
                   .inputs = {square, Tensor::Of<float>({1, 1, 3, 2}, {-1, 1, 0, 0, 1, -0.5F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 3}, {4, 3.75F, 3.5F})}});
  cases.push_back({.name = "coordinates_come_innermost_first",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}),
                              Tensor::Of<float>({1, 2, 1, 2}, {0.7F, 0, -0.7F, 0})},
                   .expected = {Tensor::Of<float>({1, 2, 2, 1}, {3, 1, 6, 4})}});
  cases.push_back({.name = "volume",
                   .attributes = {{"align_corners", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}),
                              Tensor::Of<float>({1, 1, 1, 2, 3}, {0, 0, 0, 1, -1, 0.5F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1, 2}, {3.5F, 4})}});
  cases.push_back(
      {.name = "reflection_at_the_centres",
       .attributes = {{"align_corners", int64_t{1}}, {"padding_mode", Text("reflection")}},
       // Pixel positions -1, -3.5 and 5 of three pixels, as the standard's example.
       .inputs = {Tensor::Of<float>({1, 1, 3}, {1, 2, 4}),
                  Tensor::Of<float>({1, 3, 1}, {-2, -4.5F, 4})},
       .expected = {Tensor::Of<float>({1, 1, 3}, {2, 1.5F, 2})}});
  cases.push_back(
      {.name = "single_pixel_reflects_onto_itself",
       .attributes = {{"align_corners", int64_t{1}}, {"padding_mode", Text("reflection")}},
       .inputs = {Tensor::Of<float>({1, 1, 1}, {7}), Tensor::Of<float>({1, 1, 1}, {100})},
       .expected = {Tensor::Of<float>({1, 1, 1}, {7})}});
  cases.push_back({.name = "strings_nearest",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<std::string>({1, 1, 2}, {"a", "b"}),
                              Tensor::Of<float>({1, 3, 1}, {-0.5F, 0.5F, 3})},
                   .expected = {Tensor::Of<std::string>({1, 1, 3}, {"a", "b", ""})}});
  cases.push_back(
      {.name = "integers_round_toward_zero",
       .attributes = {{"align_corners", int64_t{1}}},
       .inputs = {Tensor::Of<int32_t>({1, 1, 2}, {0, -3}), Tensor::Of<float>({1, 1, 1}, {0})},
       .expected = {Tensor::Of<int32_t>({1, 1, 1}, {-1})}});
  cases.push_back({.name = "special_coordinates",
                   .inputs = {Tensor::Of<double>({1, 1, 2}, {1, 2}),
                              Tensor::Of<double>({1, 3, 1}, {nan, inf, -inf})},
                   .expected = {Tensor::Of<double>({1, 1, 3}, {nan, 0, 0})}});
  cases.push_back(
      {.name = "empty_batch",
       .inputs = {Tensor::Of<float>({0, 1, 2, 2}, {}), Tensor::Of<float>({0, 3, 3, 2}, {})},
       .expected = {Tensor::Of<float>({0, 1, 3, 3}, {})}});
  AddPaddingCases(cases);
}

}  // namespace

extern const OpDef kGridSample;
const OpDef kGridSample = {.name = "GridSample",
                           .schemas = kSchemas,
                           .infer = Infer,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
