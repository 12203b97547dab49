#include <fmt/format.h>

#include <algorithm>

#include "ops/arithmetic.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/tap_walk.h"
#include "ops/type_sets.h"
#include "ops/window.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 18,
     .inputs = {{"input", kAllTypes}, {"image_shape", kInt64Only}, {"block_shape", kInt64Only}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {OptionalAttribute("dilations", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  const auto image = context.InputContents(1);
  const auto block = context.InputContents(2);
  std::optional<SymbolicShape> output;
  if (image) {
    output = SymbolicShape(2);
    if (shape != nullptr) {
      if (shape->size() != 3) {
        return OpContext::Invalid("input: expected rank 3, got shape " + ToString(*shape));
      }
      output->front() = (*shape)[0];
      if (block) {
        Dim taps = 1;
        for (const Dim& extent : *block) taps = taps * extent;
        (*output)[1] = FloorDivide((*shape)[1], taps);
      }
    }
    output->insert(output->end(), image->begin(), image->end());
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

template <typename T>
void FoldPlane(const WindowWalk& walk, const T* columns, T* plane) {
  const WindowAxis& last = walk.axes().back();
  const int64_t rows = walk.output_count() / last.output;
  std::fill_n(plane, walk.input_count(), T{0});
  for (int64_t tap = 0; tap < walk.kernel_count(); ++tap) {
    const TapWalk tap_walk(walk.axes(), tap);
    const TapWalk::Range inside = tap_walk.inside();
    for (int64_t row = 0; row < rows; ++row, columns += last.output) {
      const std::optional<int64_t> to = tap_walk.InputRow(row);
      if (!to) continue;
      T* out = plane + *to + tap_walk.first();
      for (int64_t i = inside.begin; i < inside.end; ++i) {
        out[i * last.stride] = WrappingAdd(out[i * last.stride], columns[i]);
      }
    }
  }
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const std::vector<int64_t> image = context.IntValues(1);
  const std::vector<int64_t> block = context.IntValues(2);
  if (input.shape().rank() != 3 || image.empty() || image.size() != block.size()) {
    return OpContext::Invalid(fmt::format(
        "expected an input of rank 3 and as many extents of the image as of the block, got input "
        "{}, {} and {} extents",
        input.shape().ToString(), image.size(), block.size()));
  }
  ASSAY_ASSIGN_OR_RETURN(const WindowAttributes attributes,
                         ReadWindowAttributes(context, static_cast<int>(image.size()), block));
  for (int64_t extent : image) {
    if (extent >= 0 && extent <= int64_t{1} << 31) continue;
    return OpContext::Invalid(
        fmt::format("image_shape: expected extents of at least 0, got {}", extent));
  }
  ASSAY_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes, ResolveWindow(attributes, image));
  const WindowWalk walk(axes);
  const int64_t batch = input.shape()[0];
  const int64_t channels = input.shape()[1] / walk.kernel_count();
  if (input.shape() != Shape{batch, channels * walk.kernel_count(), walk.output_count()}) {
    return OpContext::Invalid(
        fmt::format("input: expected shape (batch, a multiple of {}, {}), got {}",
                    walk.kernel_count(), walk.output_count(), input.shape().ToString()));
  }
  Shape output = {batch, channels};
  output.dims().insert(output.dims().end(), image.begin(), image.end());
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const T* in = input.data<T>().data();
    T* out = context.AllocateOutput(0, output).mutable_data<T>().data();
    const int64_t columns = walk.kernel_count() * walk.output_count();
    context.threads().ParallelFor(batch * channels, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        FoldPlane(walk, in + i * columns, out + i * walk.input_count());
      }
    });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor columns = Tensor::Of<float>({1, 2, 3}, {1, 2, 3, 10, 20, 30});
  cases.push_back({.name = "overlapping_blocks",
                   .inputs = {columns, Tensor::Vector<int64_t>({4}), Tensor::Vector<int64_t>({2})},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {1, 12, 23, 30})}});
  cases.push_back(
      {.name = "strides_pads_and_dilations",
       .attributes = {{"strides", Ints{2}}, {"pads", Ints{1, 2}}, {"dilations", Ints{2}}},
       .inputs = {columns, Tensor::Vector<int64_t>({4}), Tensor::Vector<int64_t>({2})},
       .expected = {Tensor::Of<float>({1, 1, 4}, {0, 12, 0, 23})}});
  cases.push_back({.name = "two_channels_of_pictures",
                   .inputs = {Tensor::Of<float>({1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              Tensor::Vector<int64_t>({1, 3}), Tensor::Vector<int64_t>({1, 2})},
                   .expected = {Tensor::Of<float>({1, 2, 1, 3}, {1, 5, 4, 5, 13, 8})}});
  cases.push_back({.name = "int8_wraps",
                   .inputs = {Tensor::Of<int8_t>({1, 2, 2}, {1, 127, 1, 1}),
                              Tensor::Vector<int64_t>({3}), Tensor::Vector<int64_t>({2})},
                   .expected = {Tensor::Of<int8_t>({1, 1, 3}, {1, -128, 1})}});
  cases.push_back({.name = "empty_batch",
                   .inputs = {Tensor::Of<float>({0, 2, 3}, {}), Tensor::Vector<int64_t>({4}),
                              Tensor::Vector<int64_t>({2})},
                   .expected = {Tensor::Of<float>({0, 1, 4}, {})}});
}

}  // namespace

extern const OpDef kCol2Im;
const OpDef kCol2Im = {
    .name = "Col2Im", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
