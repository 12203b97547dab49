#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/running_extreme.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// Keeps every product of an extent of a region and a cell far from the ends of int64.
constexpr double kLargestCoordinate = 1 << 28;

constexpr AttributeDef kPooledShape = RequiredAttribute("pooled_shape", AttributeKind::kInts);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {22},
     .inputs = {{"X", kFloats}, {"rois", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {kPooledShape, FloatAttribute("spatial_scale", 1)}},
};

// Rows and columns of cells.
struct Cells {
  int64_t rows = 0;
  int64_t columns = 0;
};

Result<Cells> ReadCells(const OpContext& context) {
  const std::vector<int64_t> shape = context.Ints("pooled_shape");
  const bool fits = shape.size() == 2 && std::ranges::min(shape) >= 1 &&
                    static_cast<double>(std::ranges::max(shape)) <= kLargestCoordinate;
  if (fits) return Cells{.rows = shape[0], .columns = shape[1]};
  return OpContext::Invalid(
      fmt::format("attribute \"pooled_shape\": expected two extents of 1 to {}, got [{}]",
                  kLargestCoordinate, fmt::join(shape, ", ")));
}

Status CheckShapes(const SymbolicShape* x, const SymbolicShape* rois) {
  if (x != nullptr && x->size() != 4) {
    return OpContext::Invalid("X: expected rank 4, got shape " + ToString(*x));
  }
  if (rois == nullptr) return OkStatus();
  const bool fits = rois->size() == 2 && (!rois->back().IsKnown() || rois->back().value() == 5);
  return fits ? OkStatus()
              : OpContext::Invalid("rois: expected shape (n, 5), got " + ToString(*rois));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_ASSIGN_OR_RETURN(const Cells cells, ReadCells(context));
  const SymbolicShape* x = context.InputShape(0);
  const SymbolicShape* rois = context.InputShape(1);
  ASSAY_RETURN_IF_ERROR(CheckShapes(x, rois));
  SymbolicShape output(4);
  if (rois != nullptr) output[0] = (*rois)[0];
  if (x != nullptr) output[1] = (*x)[1];
  output[2] = cells.rows;
  output[3] = cells.columns;
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// A region along one axis in whole pixels, both ends included, divided into `cells`.
struct Span {
  int64_t begin = 0;
  int64_t length = 1;
  int64_t cells = 1;

  int64_t CellBegin(int64_t cell) const { return begin + cell * length / cells; }
  int64_t CellEnd(int64_t cell) const { return begin + ((cell + 1) * length + cells - 1) / cells; }
};

struct Region {
  int64_t image = 0;
  Span rows;
  Span columns;
};

Result<Span> SpanOf(double from, double to, double scale, int64_t cells) {
  const double begin = std::round(from * scale);
  const double end = std::round(to * scale);
  if (!(std::fabs(begin) <= kLargestCoordinate && std::fabs(end) <= kLargestCoordinate)) {
    return OpContext::Invalid(
        fmt::format("rois: expected scaled coordinates of magnitude up to {}, got {} to {}",
                    kLargestCoordinate, begin, end));
  }
  return Span{.begin = static_cast<int64_t>(begin),
              .length = std::max<int64_t>(1, static_cast<int64_t>(end - begin) + 1),
              .cells = cells};
}

Result<std::vector<Region>> ReadRegions(const ReferenceContext& context, const Cells& cells) {
  const int64_t images = context.Input(0).shape()[0];
  const double scale = context.Float("spatial_scale");
  const std::span<const double> rois = context.Doubles(1);
  std::vector<Region> regions;
  for (size_t i = 0; i < rois.size(); i += 5) {
    const double image = rois[i];
    if (!(image >= 0 && image < static_cast<double>(images) && image == std::floor(image))) {
      return OpContext::Invalid(fmt::format(
          "rois: expected whole numbers in [0, {}) as first of five, got {}", images, image));
    }
    ASSAY_ASSIGN_OR_RETURN(const Span columns,
                           SpanOf(rois[i + 1], rois[i + 3], scale, cells.columns));
    ASSAY_ASSIGN_OR_RETURN(const Span rows, SpanOf(rois[i + 2], rois[i + 4], scale, cells.rows));
    regions.push_back({.image = static_cast<int64_t>(image), .rows = rows, .columns = columns});
  }
  return regions;
}

// The largest pixel of a cell, as far as it lies inside of the plane; 0 if there is none.
double LargestOfCell(const double* plane, int64_t height, int64_t width, const Region& region,
                     int64_t row, int64_t column) {
  const int64_t top = std::clamp<int64_t>(region.rows.CellBegin(row), 0, height);
  const int64_t bottom = std::clamp<int64_t>(region.rows.CellEnd(row), 0, height);
  const int64_t left = std::clamp<int64_t>(region.columns.CellBegin(column), 0, width);
  const int64_t right = std::clamp<int64_t>(region.columns.CellEnd(column), 0, width);
  if (top >= bottom || left >= right) return 0;
  double most = LeastOf<double>();
  for (int64_t y = top; y < bottom; ++y) {
    for (int64_t x = left; x < right; ++x) {
      const double pixel = plane[y * width + x];
      if (IsAbove(pixel, most)) most = pixel;
    }
  }
  return most;
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Cells cells, ReadCells(context));
  const Shape& x = context.Input(0).shape();
  const SymbolicShape x_dims = ToSymbolic(x);
  const SymbolicShape roi_dims = ToSymbolic(context.Input(1).shape());
  ASSAY_RETURN_IF_ERROR(CheckShapes(&x_dims, &roi_dims));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<Region> regions, ReadRegions(context, cells));
  const double* in = context.Doubles(0).data();
  const Shape output = {static_cast<int64_t>(regions.size()), x[1], cells.rows, cells.columns};
  if (!output.CheckedElements()) return OpContext::Invalid("too large: " + output.ToString());
  double* out = context.AllocateOutput(0, output).mutable_data<double>().data();
  context.threads().ParallelFor(output.elements(), 64, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t column = at % cells.columns;
      const int64_t row = at / cells.columns % cells.rows;
      const int64_t channel = at / cells.columns / cells.rows % x[1];
      const Region& region = regions[static_cast<size_t>(at / cells.columns / cells.rows / x[1])];
      const double* plane = in + (region.image * x[1] + channel) * x[2] * x[3];
      out[at] = LargestOfCell(plane, x[2], x[3], region, row, column);
    }
  });
  return OkStatus();
}

// Expected values agree with ONNX Runtime.
void Cases(std::vector<OpCase>& cases) {
  const Tensor picture =
      Tensor::Of<float>({1, 1, 4, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  const auto pooled = [](int64_t rows, int64_t columns) {
    return Attribute{"pooled_shape", std::vector<int64_t>{rows, columns}};
  };
  cases.push_back({.name = "both_ends_belong_to_a_region",
                   .opset = 1,
                   .attributes = {pooled(2, 2)},
                   .inputs = {picture, Tensor::Of<float>({1, 5}, {0, 0, 0, 3, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {5, 7, 13, 15})}});
  cases.push_back({.name = "cells_overlap",
                   .attributes = {pooled(2, 2)},
                   .inputs = {picture, Tensor::Of<float>({1, 5}, {0, 0, 1, 2, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {9, 10, 13, 14})}});
  cases.push_back({.name = "more_cells_than_pixels",
                   .attributes = {pooled(1, 3)},
                   .inputs = {picture, Tensor::Of<float>({1, 5}, {0, 1, 2, 2, 2})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 3}, {9, 10, 10})}});
  cases.push_back({.name = "scale_and_rounding_away_from_zero",
                   .attributes = {pooled(1, 1), {"spatial_scale", 0.5F}},
                   .inputs = {picture, Tensor::Of<float>({2, 5}, {0, 0, 0, 3, 1, 0, 1, 1, 2, 2})},
                   .expected = {Tensor::Of<float>({2, 1, 1, 1}, {6, 5})}});
  cases.push_back(
      {.name = "outside_gives_zero",
       .attributes = {pooled(1, 2)},
       .inputs = {picture, Tensor::Of<float>({2, 5}, {0, -4, -4, -2, -2, 0, 2, 3, 5, 3})},
       .expected = {Tensor::Of<float>({2, 1, 1, 2}, {0, 0, 15, 0})}});
  cases.push_back({.name = "turned_regions_are_one_pixel",
                   .attributes = {pooled(1, 1)},
                   .inputs = {picture, Tensor::Of<float>({1, 5}, {0, 3, 2, 1, 0})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1}, {11})}});
  cases.push_back({.name = "images_and_channels",
                   .attributes = {pooled(1, 1)},
                   .inputs = {Tensor::Of<float>({2, 2, 1, 1}, {-1, -2, -3, -4}),
                              Tensor::Of<float>({2, 5}, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0})},
                   .expected = {Tensor::Of<float>({2, 2, 1, 1}, {-3, -4, -1, -2})}});
  cases.push_back({.name = "nan",
                   .attributes = {pooled(1, 1)},
                   .inputs = {Tensor::Of<double>({1, 1, 1, 3}, {1, kNaN, 2}),
                              Tensor::Of<double>({1, 5}, {0, 0, 0, 2, 0})},
                   .expected = {Tensor::Of<double>({1, 1, 1, 1}, {kNaN})}});
  cases.push_back({.name = "no_regions",
                   .attributes = {pooled(2, 1)},
                   .inputs = {picture, Tensor::Of<float>({0, 5}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 2, 1}, {})}});
}

}  // namespace

extern const OpDef kMaxRoiPool;
const OpDef kMaxRoiPool = {.name = "MaxRoiPool",
                           .schemas = kSchemas,
                           .infer = Infer,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
