#include <limits>

#include "ops/pooling.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1, .also_since = {22}, .inputs = {{"X", kFloats}}, .outputs = {{"Y", kFloats}}},
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Reduction reduction, ResolveGlobalPooling(context));
  ReduceAs<double>(context, reduction, [](const Terms<double>& terms) {
    return SumOf(terms, [](double x) { return x; }) / static_cast<double>(terms.count());
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "two_channels",
                   .inputs = {Tensor::Of<float>({1, 2, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 41})},
                   .expected = {Tensor::Of<float>({1, 2, 1, 1}, {2.5F, 25.25F})}});
  cases.push_back({.name = "volume_opset1",
                   .opset = 1,
                   .inputs = {Tensor::Of<float>({1, 1, 1, 2, 2}, {1, 2, 3, 5})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 1, 1}, {2.75F})}});
  cases.push_back({.name = "infinity",
                   .inputs = {Tensor::Of<double>({1, 1, 3}, {inf, 1, 2})},
                   .expected = {Tensor::Of<double>({1, 1, 1}, {inf})}});
  cases.push_back({.name = "empty_batch",
                   .inputs = {Tensor::Of<float>({0, 2, 3, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 2, 1, 1}, {})}});
}

}  // namespace

extern const OpDef kGlobalAveragePool;
const OpDef kGlobalAveragePool = {.name = "GlobalAveragePool",
                                  .schemas = kSchemas,
                                  .infer = InferGlobalPooling,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
