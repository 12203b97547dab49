#include "ops/cases.h"
#include "ops/channel_normalization.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since, DTypeSet types,
                          InlineList<AttributeDef, 24> attributes) {
  return {since,
          also_since,
          {{"input", types}, {"scale", types}, {"B", types}},
          {{"output", types}},
          attributes};
}

constexpr AttributeDef kEpsilon = FloatAttribute("epsilon", 1e-5F);

constexpr OpSchema kSchemas[] = {Schema(1, {}, kBasicFloats, {kConsumedInputs, kEpsilon}),
                                 Schema(6, {22}, kFloats, {kEpsilon})};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferParameter(context, 1, "scale", InferredChannels(context)));
  ASSAY_RETURN_IF_ERROR(InferParameter(context, 2, "B", InferredChannels(context)));
  context.CopyInput(0, 0);
  return OkStatus();
}

// Every channel is a group of its own.
Status Reference(ReferenceContext& context) {
  const int64_t channels = ChannelsOf(context.Input(0).shape()).channels;
  return NormalizeGroups(context, channels, /*per_group=*/false, context.Float("epsilon"));
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 2, 3}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back(
      {.name = "two_channels",
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {2.2779966160846308, -2.2939946824187056, 1.5159980663340749, -0.5391627375382532,
            1.4018231175994584, -0.8626603800612052, -2.095537273809093, 2.7710951145829563,
            0.8244421592261366, 1.0279908736809842, -1.3550788789431154, 0.32708800526213133})}});
  cases.push_back(
      {.name = "opset_6_epsilon",
       .opset = 6,
       .attributes = {{"epsilon", 0.5F}},
       .inputs = {input, Tensor::Vector<double>({1, 1}), Tensor::Vector<double>({0, 0})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {0.7826237921249264, -1.2298373876248843, 0.4472135954999579, 0.49029033784546006,
            -1.2747548783981961, 0.7844645405527362, -1.179535649239177, 1.03209369308428,
            0.14744195615489714, -0.9556189340787526, 1.2596795040129012, -0.30406056993414854})}});
  cases.push_back(
      {.name = "opset_1",
       .opset = 1,
       .attributes = {{"consumed_inputs", std::vector<int64_t>{0}}},
       .inputs = {Tensor::Of<double>({1, 1, 2, 2}, {1, 2, 3, 5}), Tensor::Vector<double>({1}),
                  Tensor::Vector<double>({0})},
       .expected = {Tensor::Of<double>({1, 1, 2, 2}, {-1.1832132521356489, -0.507091393772421,
                                                      0.16903046459080698, 1.521274181317263})}});
  cases.push_back({.name = "no_channels",
                   .inputs = {Tensor::Of<float>({2, 0, 3}, {}), Tensor::Vector<float>({}),
                              Tensor::Vector<float>({})},
                   .expected = {Tensor::Of<float>({2, 0, 3}, {})}});
}

}  // namespace

extern const OpDef kInstanceNormalization;
const OpDef kInstanceNormalization = {.name = "InstanceNormalization",
                                      .schemas = kSchemas,
                                      .infer = Infer,
                                      .reference = Reference,
                                      .cases = Cases};

}  // namespace assay
