#include "ops/channels_last.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/pooling.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    QLinearUnarySchema(Arity::kOptional, Arity::kOptional,
                       {StringAttribute("auto_pad", "NOTSET"), IntAttribute("ceil_mode", 0),
                        IntAttribute("channels_last", 0), IntAttribute("count_include_pad", 0),
                        RequiredAttribute("kernel_shape", AttributeKind::kInts),
                        OptionalAttribute("pads", AttributeKind::kInts),
                        OptionalAttribute("strides", AttributeKind::kInts)})};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 4}));
  if (context.Int("channels_last") != 0) return InferChannelsLast(context, InferPooling);
  return InferPooling(context);
}

Status Pool(ReferenceContext& context) {
  std::vector<Attribute> attributes;
  for (const Attribute& attribute : context.node().attributes) {
    if (attribute.name != "channels_last") attributes.push_back(attribute);
  }
  return ComputeQLinearUnary(context, "AveragePool", std::move(attributes), 19);
}

Status Reference(ReferenceContext& context) {
  return context.Int("channels_last") != 0 ? ComputeChannelsLast(context, Pool) : Pool(context);
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const auto inputs = [](Shape shape) {
    return std::vector<std::optional<Tensor>>{
        Tensor::Of<int8_t>(std::move(shape), {11, 20, 31, 40}), Tensor::Scalar<float>(1),
        Tensor::Scalar<int8_t>(10), Tensor::Scalar<float>(0.5F), Tensor::Scalar<int8_t>(-3)};
  };
  // Of 1, 10, 21, 30.
  cases.push_back({.name = "padding_counts_as_zero",
                   .attributes = {{"kernel_shape", Ints{2}},
                                  {"pads", Ints{1, 0}},
                                  {"strides", Ints{2}},
                                  {"count_include_pad", int64_t{1}}},
                   .inputs = inputs({1, 1, 4}),
                   .expected = {Tensor::Of<int8_t>({1, 1, 2}, {-2, 28})}});
  cases.push_back({.name = "channels_last",
                   .attributes = {{"kernel_shape", Ints{2}}, {"channels_last", int64_t{1}}},
                   .inputs = inputs({1, 2, 2}),
                   .expected = {Tensor::Of<int8_t>({1, 1, 2}, {19, 37})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearAveragePool;
const OpDef kMicrosoftQLinearAveragePool = {.name = "QLinearAveragePool",
                                            .domain = kMicrosoftDomain,
                                            .schemas = kSchemas,
                                            .infer = Infer,
                                            .reference = Reference,
                                            .cases = Cases};

}  // namespace assay
