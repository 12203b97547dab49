#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/channel_normalization.h"
#include "ops/compensated_sum.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {13}, kFloats, "X", "Y",
                {FloatAttribute("alpha", 1e-4F), FloatAttribute("beta", 0.75F),
                 FloatAttribute("bias", 1), RequiredAttribute("size", AttributeKind::kInt)})};

Status Infer(InferContext& context) {
  const int64_t size = context.Int("size");
  if (size < 1) {
    return OpContext::Invalid(fmt::format("attribute \"size\": expected at least 1, got {}", size));
  }
  const std::optional<int> rank = context.InputRank(0);
  if (rank && *rank < 2) {
    return OpContext::Invalid(fmt::format("rank of X: expected at least 2, got {}", *rank));
  }
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const ChannelView view = ChannelsOf(shape);
  const int64_t size = std::min(context.Int("size"), 2 * view.channels + 1);
  const double alpha =
      static_cast<double>(context.Float("alpha")) / static_cast<double>(context.Int("size"));
  const double beta = context.Float("beta");
  const double bias = context.Float("bias");
  const double* x = context.Doubles(0).data();
  double* y = context.AllocateOutput(0, shape).mutable_data<double>().data();
  ForEachSlice(context.threads(), view.planes(), view.inner, [&](int64_t plane) {
    const int64_t channel = plane % view.channels;
    const int64_t first = std::max<int64_t>(0, channel - (size - 1) / 2);
    const int64_t last = std::min(view.channels - 1, channel + size / 2);
    for (int64_t i = 0; i < view.inner; ++i) {
      CompensatedSum squares;
      for (int64_t c = first; c <= last; ++c) {
        const double value = x[(plane - channel + c) * view.inner + i];
        squares.Add(value * value);
      }
      const int64_t at = plane * view.inner + i;
      y[at] = x[at] / std::pow(bias + alpha * squares.value(), beta);
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({1, 6, 2}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back({.name = "size_3",
                   .attributes = {{"size", int64_t{3}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {1, 6, 2}, {0.9999687511400688, -1.9993502463768822, 0.4999843755700344,
                                   2.998107643640562, 0, 3.497699421817556, -1.4998945399036538,
                                   2.249023151301164, 0.7496474590673285, -0.24996172558847288,
                                   3.9983445497266215, 0.999973438323805})}});
  cases.push_back(
      {.name = "even_size_and_parameters",
       .opset = 1,
       .attributes = {{"size", int64_t{4}}, {"alpha", 0.5F}, {"beta", 0.25F}, {"bias", 2.0F}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {1, 6, 2},
           {0.8252304069815889, -1.3272309611375772, 0.4001601601922499, 1.9340566695306898, 0,
            2.307082438192656, -1.0385560802775955, 1.5627673822677146, 0.5192780401387977,
            -0.193861552145188, 2.8161322941851488, 0.8274882404103763})}});
  cases.push_back({.name = "size_beyond_the_channels",
                   .attributes = {{"size", int64_t{1001}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {1, 6, 2}, {0.9999984968183584, -1.9999952984645615, 0.4999992484091792,
                                   2.999992947696842, 0, 3.4999917723129825, -1.4999977452275377,
                                   2.249994710772632, 0.7499988726137689, -0.24999941230807018,
                                   3.9999939872734336, 0.9999976492322807})}});
  cases.push_back({.name = "size_1",
                   .attributes = {{"size", int64_t{1}}, {"alpha", 1.0F}},
                   .inputs = {Tensor::Of<double>({1, 1}, {2})},
                   .expected = {Tensor::Of<double>({1, 1}, {0.5981395124884882})}});
}

}  // namespace

extern const OpDef kLRN;
const OpDef kLRN = {
    .name = "LRN", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
