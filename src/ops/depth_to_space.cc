#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/depth_blocks.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {RequiredAttribute("blocksize", AttributeKind::kInt)}},
    {.since = 11,
     .also_since = {13, 28},
     .inputs = {{"input", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {RequiredAttribute("blocksize", AttributeKind::kInt),
                    StringAttribute("mode", "DCR")}},
};

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t block, ReadBlockSize(context));
  const SymbolicShape* shape = context.InputShape(0);
  std::optional<SymbolicShape> output;
  if (shape != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckImageRank(static_cast<int>(shape->size())));
    output = SymbolicShape{(*shape)[0], FloorDivide((*shape)[1], Dim(block * block)),
                           (*shape)[2] * Dim(block), (*shape)[3] * Dim(block)};
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const Shape& shape = input.shape();
  ASSAY_RETURN_IF_ERROR(CheckImageRank(shape.rank()));
  ASSAY_ASSIGN_OR_RETURN(const int64_t block, ReadBlockSize(context));
  ASSAY_ASSIGN_OR_RETURN(const DepthOrder order, ReadDepthOrder(context));
  if (shape[1] % (block * block) != 0) {
    return OpContext::Invalid(
        fmt::format("channels: expected a multiple of {}, got {}", block * block, shape[1]));
  }
  const int64_t depth = shape[1] / (block * block);
  const int64_t height = shape[2];
  const int64_t width = shape[3];
  const int64_t plane = height * width;
  // Strides of the input channel's three parts.
  const bool depth_first = order == DepthOrder::kDepthColumnRow;
  const int64_t depth_stride = (depth_first ? 1 : block * block) * plane;
  const int64_t row_stride = (depth_first ? block * depth : block) * plane;
  const int64_t column_stride = (depth_first ? depth : 1) * plane;
  const Tensor result = CopyStridedView(
      input, {shape[0], depth, height, block, width, block}, 0,
      {shape[1] * plane, depth_stride, width, row_stride, 1, column_stride}, context.threads());
  context.SetOutput(0, result.Reshaped({shape[0], depth, height * block, width * block}));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<float>({1, 8, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  cases.push_back({.name = "depth_column_row_opset1",
                   .opset = 1,
                   .attributes = {{"blocksize", int64_t{2}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<float>(
                       {1, 2, 2, 4}, {0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15})}});
  cases.push_back({.name = "column_row_depth",
                   .attributes = {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}},
                   .inputs = {input},
                   .expected = {Tensor::Of<float>(
                       {1, 2, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15})}});
  cases.push_back({.name = "strings",
                   .attributes = {{"blocksize", int64_t{2}}},
                   .inputs = {Tensor::Of<std::string>({1, 4, 1, 1}, {"a", "b", "c", "d"})},
                   .expected = {Tensor::Of<std::string>({1, 1, 2, 2}, {"a", "b", "c", "d"})}});
  cases.push_back({.name = "empty_batch",
                   .attributes = {{"blocksize", int64_t{2}}},
                   .inputs = {Tensor::Of<float>({0, 4, 3, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 6, 6}, {})}});
}

}  // namespace

extern const OpDef kDepthToSpace;
const OpDef kDepthToSpace = {.name = "DepthToSpace",
                             .schemas = kSchemas,
                             .infer = Infer,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
