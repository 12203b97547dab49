#include <limits>

#include "ops/pooling.h"
#include "ops/running_extreme.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1, .also_since = {22}, .inputs = {{"X", kFloats}}, .outputs = {{"Y", kFloats}}},
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Reduction reduction, ResolveGlobalPooling(context));
  ReduceAs<double>(context, reduction, [](const Terms<double>& terms) {
    double most = LeastOf<double>();
    terms.ForEach([&](double x) {
      if (IsAbove(x, most)) most = x;
    });
    return most;
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "two_channels",
                   .inputs = {Tensor::Of<float>({1, 2, 2, 2}, {1, 2, 3, 4, -10, -20, -30, -41})},
                   .expected = {Tensor::Of<float>({1, 2, 1, 1}, {4, -10})}});
  cases.push_back(
      {.name = "special_values_opset1",
       .opset = 1,
       .inputs = {Tensor::Of<double>({3, 1, 3}, {-inf, -inf, -inf, 1, nan, 2, 3, inf, 4})},
       .expected = {Tensor::Of<double>({3, 1, 1}, {-inf, nan, inf})}});
  cases.push_back({.name = "empty_batch",
                   .inputs = {Tensor::Of<float>({0, 2, 3, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 2, 1, 1}, {})}});
}

}  // namespace

extern const OpDef kGlobalMaxPool;
const OpDef kGlobalMaxPool = {.name = "GlobalMaxPool",
                              .schemas = kSchemas,
                              .infer = InferGlobalPooling,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
