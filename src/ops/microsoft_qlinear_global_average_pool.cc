#include "ops/channels_last.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    QLinearUnarySchema(Arity::kRequired, Arity::kRequired, {IntAttribute("channels_last", 0)})};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 4}));
  if (context.Int("channels_last") != 0) {
    return InferChannelsLast(context, FindOp("", "GlobalAveragePool")->infer);
  }
  return FindOp("", "GlobalAveragePool")->infer(context);
}

Status Pool(ReferenceContext& context) {
  return ComputeQLinearUnary(context, "GlobalAveragePool", {}, 1);
}

Status Reference(ReferenceContext& context) {
  return context.Int("channels_last") != 0 ? ComputeChannelsLast(context, Pool) : Pool(context);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor x = Tensor::Of<uint8_t>({1, 2, 2}, {10, 20, 30, 50});
  const auto inputs = [&x] {
    return std::vector<std::optional<Tensor>>{x, Tensor::Scalar<float>(1),
                                              Tensor::Scalar<uint8_t>(10), Tensor::Scalar<float>(2),
                                              Tensor::Scalar<uint8_t>(3)};
  };
  // Means 5 and 30, or 10 and 25, halved.
  cases.push_back({.name = "channels_second",
                   .inputs = inputs(),
                   .expected = {Tensor::Of<uint8_t>({1, 2, 1}, {5, 18})}});
  cases.push_back({.name = "channels_last",
                   .attributes = {{"channels_last", int64_t{1}}},
                   .inputs = inputs(),
                   .expected = {Tensor::Of<uint8_t>({1, 1, 2}, {8, 15})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearGlobalAveragePool;
const OpDef kMicrosoftQLinearGlobalAveragePool = {.name = "QLinearGlobalAveragePool",
                                                  .domain = kMicrosoftDomain,
                                                  .schemas = kSchemas,
                                                  .infer = Infer,
                                                  .reference = Reference,
                                                  .cases = Cases};

}  // namespace assay
