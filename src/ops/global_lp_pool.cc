#include "ops/lp_norm.h"
#include "ops/op_def.h"
#include "ops/pooling.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {FloatAttribute("p", 2)}},
    {.since = 2,
     .also_since = {22},
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {IntAttribute("p", 2)}},
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Reduction reduction, ResolveGlobalPooling(context));
  const double p = context.opset() < 2 ? context.Float("p") : static_cast<double>(context.Int("p"));
  ReduceAs<double>(context, reduction, [p](const Terms<double>& terms) {
    LpNorm norm(p);
    terms.ForEach([&](double x) { norm.Add(x); });
    return norm.value();
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor planes = Tensor::Of<float>({1, 2, 1, 2}, {3, -4, 5, 12});
  cases.push_back({.name = "euclidean",
                   .inputs = {planes},
                   .expected = {Tensor::Of<float>({1, 2, 1, 1}, {5, 13})}});
  cases.push_back({.name = "magnitudes_opset1",
                   .opset = 1,
                   .attributes = {{"p", 1.0F}},
                   .inputs = {planes},
                   .expected = {Tensor::Of<float>({1, 2, 1, 1}, {7, 17})}});
  cases.push_back({.name = "cubes",
                   .attributes = {{"p", int64_t{3}}},
                   .inputs = {Tensor::Of<float>({1, 1, 3}, {3, -4, 5})},
                   .expected = {Tensor::Of<float>({1, 1, 1}, {6})}});
  cases.push_back({.name = "empty_batch",
                   .inputs = {Tensor::Of<float>({0, 2, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 2, 1}, {})}});
}

}  // namespace

extern const OpDef kGlobalLpPool;
const OpDef kGlobalLpPool = {.name = "GlobalLpPool",
                             .schemas = kSchemas,
                             .infer = InferGlobalPooling,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
