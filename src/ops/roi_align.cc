#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/running_extreme.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"X", kFloats}, {"rois", kFloats}, {"batch_indices", kInt64Only}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("mode", "avg"), IntAttribute("output_height", 1),
                    IntAttribute("output_width", 1), IntAttribute("sampling_ratio", 0),
                    FloatAttribute("spatial_scale", 1)}},
    {.since = 16,
     .also_since = {22},
     .inputs = {{"X", kFloats}, {"rois", kFloats}, {"batch_indices", kInt64Only}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("coordinate_transformation_mode", "half_pixel"),
                    StringAttribute("mode", "avg"), IntAttribute("output_height", 1),
                    IntAttribute("output_width", 1), IntAttribute("sampling_ratio", 0),
                    FloatAttribute("spatial_scale", 1)}},
};

// Samples along one axis of one output cell; far more than any use.
constexpr double kMaxSamples = 1 << 16;

struct Options {
  bool average = true;
  bool half_pixel = false;
  int64_t height = 1;
  int64_t width = 1;
  int64_t sampling_ratio = 0;
  double spatial_scale = 1;
};

Result<Options> ReadOptions(const OpContext& context) {
  Options options = {.height = context.Int("output_height"),
                     .width = context.Int("output_width"),
                     .sampling_ratio = context.Int("sampling_ratio"),
                     .spatial_scale = context.Float("spatial_scale")};
  const std::string mode = context.String("mode");
  if (mode != "avg" && mode != "max") {
    return OpContext::Invalid(
        fmt::format("attribute \"mode\": expected avg or max, got \"{}\"", mode));
  }
  options.average = mode == "avg";
  if (context.opset() >= 16) {
    const std::string coordinates = context.String("coordinate_transformation_mode");
    if (coordinates != "half_pixel" && coordinates != "output_half_pixel") {
      return OpContext::Invalid(
          fmt::format("attribute \"coordinate_transformation_mode\": expected half_pixel or "
                      "output_half_pixel, got \"{}\"",
                      coordinates));
    }
    options.half_pixel = coordinates == "half_pixel";
  }
  if (options.height < 1 || options.width < 1 || options.sampling_ratio < 0 ||
      static_cast<double>(options.sampling_ratio) > kMaxSamples) {
    return OpContext::Invalid(fmt::format(
        "expected an output of at least 1 x 1 and a sampling_ratio of 0 to {}, got {} x {} and {}",
        kMaxSamples, options.height, options.width, options.sampling_ratio));
  }
  return options;
}

Status Infer(InferContext& context) {
  SymbolicShape output(4);
  if (const SymbolicShape* rois = context.InputShape(1); rois && !rois->empty()) {
    output[0] = (*rois)[0];
  }
  if (const SymbolicShape* x = context.InputShape(0)) {
    if (x->size() != 4) {
      return OpContext::Invalid("X: expected rank 4, got shape " + ToString(*x));
    }
    output[1] = (*x)[1];
  }
  output[2] = context.Int("output_height");
  output[3] = context.Int("output_width");
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// A region along one axis: where it begins, the extent of a cell, and samples in a cell.
struct Cells {
  double begin = 0;
  double extent = 0;
  int64_t samples = 0;

  double Position(int64_t cell, int64_t sample) const {
    return begin + static_cast<double>(cell) * extent +
           (static_cast<double>(sample) + 0.5) * extent / static_cast<double>(samples);
  }
};

Result<Cells> CellsOf(double from, double to, int64_t count, const Options& options) {
  const double shift = options.half_pixel ? 0.5 : 0.0;
  Cells cells = {.begin = from * options.spatial_scale - shift};
  double length = to * options.spatial_scale - shift - cells.begin;
  // The older convention makes malformed regions one pixel large.
  if (!options.half_pixel) length = std::max(length, 1.0);
  cells.extent = length / static_cast<double>(count);
  const double samples = options.sampling_ratio > 0 ? static_cast<double>(options.sampling_ratio)
                                                    : std::ceil(cells.extent);
  if (!(samples <= kMaxSamples)) {
    return OpContext::Invalid(
        fmt::format("rois: expected regions of at most {} pixels per cell, got {} to {}",
                    kMaxSamples, from, to));
  }
  cells.samples = static_cast<int64_t>(std::max(samples, 0.0));
  return cells;
}

// Two neighbouring pixels and their weights along one axis; none outside of the picture.
struct Pair {
  bool inside = false;
  int64_t low = 0;
  int64_t high = 0;
  double weight_low = 0;
  double weight_high = 0;
};

Pair PairAt(double x, int64_t extent) {
  Pair pair;
  if (!(x >= -1 && x <= static_cast<double>(extent))) return pair;
  pair.inside = true;
  x = std::max(x, 0.0);
  pair.low = static_cast<int64_t>(x);
  if (pair.low >= extent - 1) {
    pair.low = pair.high = extent - 1;
    pair.weight_low = 1;
    return pair;
  }
  pair.high = pair.low + 1;
  pair.weight_high = x - static_cast<double>(pair.low);
  pair.weight_low = 1 - pair.weight_high;
  return pair;
}

// The pooled value of one cell. The maximum is taken over the weighted corners of every sample, as
// the standard's examples have it, not over interpolated values.
double PoolCell(const double* plane, int64_t height, int64_t width, const Cells& rows,
                const Cells& columns, int64_t row, int64_t column, bool average) {
  double sum = 0;
  double most = LeastOf<double>();
  for (int64_t i = 0; i < rows.samples; ++i) {
    const Pair y = PairAt(rows.Position(row, i), height);
    for (int64_t j = 0; j < columns.samples; ++j) {
      const Pair x = PairAt(columns.Position(column, j), width);
      double corners[4] = {0, 0, 0, 0};
      if (y.inside && x.inside) {
        corners[0] = y.weight_low * x.weight_low * plane[y.low * width + x.low];
        corners[1] = y.weight_low * x.weight_high * plane[y.low * width + x.high];
        corners[2] = y.weight_high * x.weight_low * plane[y.high * width + x.low];
        corners[3] = y.weight_high * x.weight_high * plane[y.high * width + x.high];
      }
      sum += corners[0] + corners[1] + corners[2] + corners[3];
      for (double corner : corners) {
        if (IsAbove(corner, most)) most = corner;
      }
    }
  }
  const int64_t samples = rows.samples * columns.samples;
  if (samples == 0) return 0;
  return average ? sum / static_cast<double>(samples) : most;
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Options options, ReadOptions(context));
  const Shape& x = context.Input(0).shape();
  const Shape& rois = context.Input(1).shape();
  const std::span<const int64_t> images = context.Input(2).data<int64_t>();
  if (x.rank() != 4 || rois.rank() != 2 || rois[1] != 4 ||
      rois[0] != static_cast<int64_t>(images.size())) {
    return OpContext::Invalid(
        fmt::format("expected X of rank 4, rois (n, 4) and n batch_indices, got {}, {} and {}",
                    x.ToString(), rois.ToString(), context.Input(2).shape().ToString()));
  }
  if (rois[0] > 0 && x[2] * x[3] == 0) {
    return OpContext::Invalid("X: expected pixels to pool, got shape " + x.ToString());
  }
  std::vector<Cells> cells;
  const std::span<const double> corners = context.Doubles(1);
  for (size_t n = 0; n < images.size(); ++n) {
    if (images[n] < 0 || images[n] >= x[0]) {
      return OpContext::Invalid(
          fmt::format("batch_indices: expected values in [0, {}), got {}", x[0], images[n]));
    }
    ASSAY_ASSIGN_OR_RETURN(
        const Cells rows, CellsOf(corners[4 * n + 1], corners[4 * n + 3], options.height, options));
    ASSAY_ASSIGN_OR_RETURN(const Cells columns,
                           CellsOf(corners[4 * n], corners[4 * n + 2], options.width, options));
    cells.push_back(rows);
    cells.push_back(columns);
  }
  const std::span<const double> in = context.Doubles(0);
  const Shape output = {rois[0], x[1], options.height, options.width};
  const auto out = context.AllocateOutput(0, output).mutable_data<double>();
  context.threads().ParallelFor(output.elements(), 16, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t column = at % options.width;
      const int64_t row = at / options.width % options.height;
      const int64_t channel = at / options.width / options.height % x[1];
      const auto n = static_cast<size_t>(at / options.width / options.height / x[1]);
      const double* plane = in.data() + (images[n] * x[1] + channel) * x[2] * x[3];
      out[static_cast<size_t>(at)] =
          PoolCell(plane, x[2], x[3], cells[2 * n], cells[2 * n + 1], row, column, options.average);
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor picture =
      Tensor::Of<float>({1, 1, 4, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  const Tensor whole = Tensor::Of<float>({1, 4}, {0, 0, 4, 4});
  const Tensor first = Tensor::Vector<int64_t>({0});
  cases.push_back({.name = "half_pixel",
                   .attributes = {{"output_height", int64_t{2}},
                                  {"output_width", int64_t{2}},
                                  {"sampling_ratio", int64_t{2}}},
                   .inputs = {picture, whole, first},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {2.5F, 4.5F, 10.5F, 12.5F})}});
  cases.push_back({.name = "without_shift_opset10",
                   .opset = 10,
                   .attributes = {{"sampling_ratio", int64_t{1}}, {"spatial_scale", 0.5F}},
                   .inputs = {picture, Tensor::Of<float>({1, 4}, {1, 2, 3, 4}), first},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1}, {7})}});
  cases.push_back(
      {.name = "adaptive_sampling_and_width",
       .attributes = {{"output_width", int64_t{2}},
                      {"coordinate_transformation_mode", std::string("output_half_pixel")}},
       .inputs = {picture, Tensor::Of<float>({1, 4}, {0, 0, 2, 2}), first},
       .expected = {Tensor::Of<float>({1, 1, 1, 2}, {4.5F, 5.5F})}});
  cases.push_back({.name = "max",
                   .attributes = {{"mode", std::string("max")}, {"sampling_ratio", int64_t{1}}},
                   .inputs = {picture, Tensor::Of<float>({1, 4}, {0, 0, 2, 2}), first},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1}, {1.25F})}});
  cases.push_back({.name = "outside_counts_as_zero",
                   .attributes = {{"sampling_ratio", int64_t{1}}},
                   .inputs = {picture, Tensor::Of<float>({2, 4}, {10, 10, 12, 12, 3, 3, 4, 4}),
                              Tensor::Vector<int64_t>({0, 0})},
                   .expected = {Tensor::Of<float>({2, 1, 1, 1}, {0, 15})}});
  cases.push_back({.name = "picks_images",
                   .attributes = {{"sampling_ratio", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2, 2, 1, 1}, {1, 2, 3, 4}),
                              Tensor::Of<float>({2, 4}, {0, 0, 1, 1, 0, 0, 1, 1}),
                              Tensor::Vector<int64_t>({1, 0})},
                   .expected = {Tensor::Of<float>({2, 2, 1, 1}, {3, 4, 1, 2})}});
  cases.push_back({.name = "no_regions",
                   .inputs = {picture, Tensor::Of<float>({0, 4}, {}), Tensor::Of<int64_t>({0}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 1, 1}, {})}});
}

}  // namespace

extern const OpDef kRoiAlign;
const OpDef kRoiAlign = {.name = "RoiAlign",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
