#include "ops/arithmetic.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 7,
     .also_since = {13, 14},
     .inputs = {{"A", kNumeric}, {"B", kNumeric}},
     .outputs = {{"C", kNumeric}}},
};

Status Infer(InferContext& context) { return InferArithmetic(context, Plus); }

Status Reference(ReferenceContext& context) {
  return BroadcastNumeric(context, [](auto a, auto b) { return WrappingAdd(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "broadcast_both",
       .inputs = {Tensor::Of<float>({2, 1}, {1, 2}), Tensor::Of<float>({3}, {10, 20, 30})},
       .expected = {Tensor::Of<float>({2, 3}, {11, 21, 31, 12, 22, 32})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Of<float>({2}, {1, 2}), Tensor::Scalar<float>(0.5F)},
                   .expected = {Tensor::Of<float>({2}, {1.5F, 2.5F})}});
  cases.push_back(
      {.name = "int8_wraps",
       .inputs = {Tensor::Of<int8_t>({2}, {127, -128}), Tensor::Of<int8_t>({2}, {1, -1})},
       .expected = {Tensor::Of<int8_t>({2}, {-128, 127})}});
  cases.push_back({.name = "empty_broadcast",
                   .inputs = {Tensor::Of<float>({0, 3}, {}), Tensor::Of<float>({3}, {1, 2, 3})},
                   .expected = {Tensor::Of<float>({0, 3}, {})}});
}

}  // namespace

extern const OpDef kAdd;
const OpDef kAdd = {
    .name = "Add", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
