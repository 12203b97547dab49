#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 20,
     .inputs = {{"theta", kFloats}, {"size", kInt64Only}},
     .outputs = {{"grid", kFloats}},
     .attributes = {IntAttribute("align_corners", 0)}},
};

Status CheckSizeCount(size_t count) {
  if (count == 4 || count == 5) return OkStatus();
  return OpContext::Invalid(fmt::format("size: expected 4 or 5 values, got {}", count));
}

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const auto size = context.InputContents(1)) {
    ASSAY_RETURN_IF_ERROR(CheckSizeCount(size->size()));
    output = SymbolicShape{(*size)[0]};
    output->insert(output->end(), size->begin() + 2, size->end());
    output->emplace_back(static_cast<int64_t>(size->size()) - 2);
  } else if (const SymbolicShape* theta = context.InputShape(0); theta && theta->size() == 3) {
    if ((*theta)[1].IsKnown()) {
      output = SymbolicShape(static_cast<size_t>((*theta)[1].value()) + 2);
      output->front() = theta->front();
      output->back() = (*theta)[1];
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// Position of element i of n evenly spaced over [-1, 1]; a single element lies in the middle.
double Position(int64_t i, int64_t n, bool align_corners) {
  if (n == 1) return 0;
  const auto index = static_cast<double>(i);
  const auto count = static_cast<double>(n);
  return align_corners ? (2 * index - (count - 1)) / (count - 1) : (2 * index + 1 - count) / count;
}

Status Reference(ReferenceContext& context) {
  const std::vector<int64_t> size = context.IntValues(1);
  ASSAY_RETURN_IF_ERROR(CheckSizeCount(size.size()));
  for (int64_t extent : size) {
    if (extent >= 0) continue;
    return OpContext::Invalid(fmt::format("size: expected values of at least 0, got {}", extent));
  }
  const auto axes = static_cast<int64_t>(size.size()) - 2;
  const Shape& theta_shape = context.Input(0).shape();
  if (theta_shape != Shape{size[0], axes, axes + 1}) {
    return OpContext::Invalid(fmt::format("theta: expected shape ({}, {}, {}), got {}", size[0],
                                          axes, axes + 1, theta_shape.ToString()));
  }
  const bool align_corners = context.Int("align_corners") != 0;
  Shape output = {size[0]};
  output.dims().insert(output.dims().end(), size.begin() + 2, size.end());
  output.dims().push_back(axes);
  const std::span<const double> theta = context.Doubles(0);
  const auto grid = context.AllocateOutput(0, output).mutable_data<double>();
  const int64_t points = output.elements(1, output.rank() - 1);
  context.threads().ParallelFor(size[0] * points, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      // Homogeneous position, innermost axis first.
      double position[4];
      int64_t rest = at % points;
      for (int64_t axis = 0; axis < axes; ++axis) {
        const int64_t extent = size[static_cast<size_t>(axes + 1 - axis)];
        position[axis] = Position(rest % extent, extent, align_corners);
        rest /= extent;
      }
      position[axes] = 1;
      const double* matrix = theta.data() + at / points * axes * (axes + 1);
      for (int64_t i = 0; i < axes; ++i) {
        double sum = 0;
        for (int64_t j = 0; j <= axes; ++j) sum += matrix[i * (axes + 1) + j] * position[j];
        grid[static_cast<size_t>(at * axes + i)] = sum;
      }
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor identity = Tensor::Of<float>({1, 2, 3}, {1, 0, 0, 0, 1, 0});
  cases.push_back({.name = "identity",
                   .inputs = {identity, Tensor::Vector<int64_t>({1, 1, 1, 2})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {-0.5F, 0, 0.5F, 0})}});
  cases.push_back(
      {.name = "identity_align_corners",
       .attributes = {{"align_corners", int64_t{1}}},
       .inputs = {identity, Tensor::Vector<int64_t>({1, 1, 2, 3})},
       .expected = {Tensor::Of<float>({1, 2, 3, 2}, {-1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1})}});
  cases.push_back({.name = "affine",
                   .inputs = {Tensor::Of<float>({1, 2, 3}, {2, 3, 10, -1, 4, 20}),
                              Tensor::Vector<int64_t>({1, 7, 2, 2})},
                   .expected = {Tensor::Of<float>(
                       {1, 2, 2, 2}, {7.5F, 18.5F, 9.5F, 17.5F, 10.5F, 22.5F, 12.5F, 21.5F})}});
  cases.push_back({.name = "volume",
                   .attributes = {{"align_corners", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 3, 4}, {1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 100, 5}),
                              Tensor::Vector<int64_t>({1, 1, 2, 1, 2})},
                   .expected = {Tensor::Of<float>(
                       {1, 2, 1, 2, 3}, {-1, 0, -95, 1, 0, -95, -1, 0, 105, 1, 0, 105})}});
  cases.push_back(
      {.name = "empty_batch",
       .inputs = {Tensor::Of<float>({0, 2, 3}, {}), Tensor::Vector<int64_t>({0, 1, 2, 2})},
       .expected = {Tensor::Of<float>({0, 2, 2, 2}, {})}});
}

}  // namespace

extern const OpDef kAffineGrid;
const OpDef kAffineGrid = {.name = "AffineGrid",
                           .schemas = kSchemas,
                           .infer = Infer,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
