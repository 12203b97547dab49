#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/depth_blocks.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {13},
     .inputs = {{"input", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {RequiredAttribute("blocksize", AttributeKind::kInt)}},
    {.since = 28,
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
    output =
        SymbolicShape{(*shape)[0], (*shape)[1] * Dim(block * block),
                      FloorDivide((*shape)[2], Dim(block)), FloorDivide((*shape)[3], Dim(block))};
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
  if (shape[2] % block != 0 || shape[3] % block != 0) {
    return OpContext::Invalid(fmt::format(
        "height and width: expected multiples of {}, got {} and {}", block, shape[2], shape[3]));
  }
  const int64_t depth = shape[1];
  const int64_t height = shape[2] / block;
  const int64_t width = shape[3] / block;
  const int64_t plane = shape[2] * shape[3];
  // Axes of the result before they are joined: batch, three parts of the channel, height, width.
  Shape parts = {shape[0], block, block, depth, height, width};
  std::vector<int64_t> strides = {depth * plane, shape[3], 1, plane, block * shape[3], block};
  if (order == DepthOrder::kColumnRowDepth) {
    parts = {shape[0], depth, block, block, height, width};
    strides = {depth * plane, plane, shape[3], 1, block * shape[3], block};
  }
  const Tensor result = CopyStridedView(input, parts, 0, strides, context.threads());
  context.SetOutput(0, result.Reshaped({shape[0], depth * block * block, height, width}));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<float>({1, 2, 2, 4}, {0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15});
  const Tensor output =
      Tensor::Of<float>({1, 8, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  cases.push_back({.name = "depth_column_row_opset1",
                   .opset = 1,
                   .attributes = {{"blocksize", int64_t{2}}},
                   .inputs = {input},
                   .expected = {output}});
  cases.push_back({.name = "column_row_depth",
                   .attributes = {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}},
                   .inputs = {Tensor::Of<float>(
                       {1, 2, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15})},
                   .expected = {output}});
  cases.push_back({.name = "bool",
                   .opset = 13,
                   .attributes = {{"blocksize", int64_t{2}}},
                   .inputs = {Tensor::Of<bool>({1, 1, 2, 2}, {true, false, false, true})},
                   .expected = {Tensor::Of<bool>({1, 4, 1, 1}, {true, false, false, true})}});
  cases.push_back({.name = "empty_batch",
                   .attributes = {{"blocksize", int64_t{3}}},
                   .inputs = {Tensor::Of<float>({0, 1, 3, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 9, 1, 1}, {})}});
}

}  // namespace

extern const OpDef kSpaceToDepth;
const OpDef kSpaceToDepth = {.name = "SpaceToDepth",
                             .schemas = kSchemas,
                             .infer = Infer,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
