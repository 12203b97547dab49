#include <fmt/format.h>

#include "ops/cases.h"
#include "ops/channel_normalization.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr AttributeDef kEpsilon = FloatAttribute("epsilon", 1e-5F);
constexpr AttributeDef kNumGroups = RequiredAttribute("num_groups", AttributeKind::kInt);

constexpr OpSchema Schema(int since, InlineList<AttributeDef, 24> attributes) {
  return {since,
          {},
          {{"X", kFloats}, {"scale", kFloats}, {"bias", kFloats}},
          {{"Y", kFloats}},
          attributes};
}

constexpr OpSchema kSchemas[] = {
    Schema(18, {kEpsilon, kNumGroups}),
    Schema(21, {kEpsilon, kNumGroups, IntAttribute("stash_type", 1)}),
};

// Opset 18 had a scale and a bias for every group, later there is one for every channel.
bool HasGroupParameters(const OpContext& context) { return context.opset() < 21; }

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  const int64_t groups = context.Int("num_groups");
  const Dim channels = InferredChannels(context);
  if (groups < 1 || (channels.IsKnown() && channels.value() % groups != 0)) {
    return OpContext::Invalid(
        fmt::format("attribute \"num_groups\": expected a divisor of the {} channels, got {}",
                    channels.ToString(), groups));
  }
  const Dim parameters = HasGroupParameters(context) ? Dim(groups) : channels;
  ASSAY_RETURN_IF_ERROR(InferParameter(context, 1, "scale", parameters));
  ASSAY_RETURN_IF_ERROR(InferParameter(context, 2, "bias", parameters));
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  return NormalizeGroups(context, context.Int("num_groups"), HasGroupParameters(context),
                         context.Float("epsilon"));
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({1, 4, 3}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back({.name = "channel_parameters",
                   .attributes = {{"num_groups", int64_t{2}}},
                   .inputs = {input, Tensor::Vector<double>({1, 2, -1, 0.5}),
                              Tensor::Vector<double>({0, 1, 2, 3})},
                   .expected = {Tensor::Of<double>(
                       {1, 4, 3}, {0, -1.6230029672768824, -0.27050049454614705, 3.1640039563691764,
                                   -0.08200197818458829, 3.7050049454614706, 3.450324593632489,
                                   1.3105014226993086, 2.1664306910725806, 2.6314748983392855,
                                   3.8440413618680878, 2.9881120934948155})}});
  cases.push_back(
      {.name = "one_group",
       .attributes = {{"num_groups", int64_t{1}}, {"epsilon", 0.25F}, {"stash_type", int64_t{16}}},
       .inputs = {input, Tensor::Vector<double>({1, 2, -1, 0.5}),
                  Tensor::Vector<double>({0, 1, 2, 3})},
       .expected = {Tensor::Of<double>(
           {1, 4, 3},
           {-0.011144872044926164, -1.6160064465142936, -0.2786218011231541, 3.117525688535971,
            -0.09219746040276397, 3.652479546692427, 3.3485295174360656, 1.3424525493493564,
            2.1448833365840403, 2.660081402629752, 3.7968583512122205, 2.994427563977537})}});
  cases.push_back(
      {.name = "opset_18_group_parameters",
       .opset = 18,
       .attributes = {{"num_groups", int64_t{2}}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({1, 0})},
       .expected = {Tensor::Of<double>(
           {1, 4, 3},
           {1, -2.246005934553765, 0.45899901090770584, 3.1640039563691764, -0.08200197818458829,
            3.7050049454614706, 1.450324593632489, -0.6894985773006915, 0.1664306910725807,
            0.7370502033214288, -1.6880827237361757, 0.02377581301036867})}});
}

}  // namespace

extern const OpDef kGroupNormalization;
const OpDef kGroupNormalization = {.name = "GroupNormalization",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
