#include "ops/channels_last.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}, {"W", kFloats}, {"B", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  return InferChannelsLast(context, FindOp("", "Conv")->infer);
}

Status Reference(ReferenceContext& context) {
  return ComputeChannelsLast(context, FindOp("", "Conv")->reference);
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  // Two channels side by side; filters (1, 0) and (1, 10) of 1 by 1.
  cases.push_back({.name = "pointwise_with_bias",
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({2, 2, 1, 1}, {1, 0, 1, 10}),
                              Tensor::Vector<float>({0.5F, -1})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {1.5F, 20, 3.5F, 42})}});
  cases.push_back({.name = "pads",
                   .attributes = {{"pads", Ints{0, 1, 0, 0}}, {"group", int64_t{2}}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({2, 1, 1, 2}, {1, 10, 1, -1})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {10, -2, 31, -2})}});
}

}  // namespace

extern const OpDef kMicrosoftNhwcConv;
const OpDef kMicrosoftNhwcConv = {.name = "NhwcConv",
                                  .domain = kMicrosoftDomain,
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
