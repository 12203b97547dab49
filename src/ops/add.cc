#include "ops/arithmetic.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = ArithmeticSchemas();

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
  cases.push_back(
      {.name = "opset_6_axis",
       .opset = 6,
       .attributes = {{"axis", int64_t{1}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4}), Tensor::Of<float>({2}, {10, 20})},
       .expected = {Tensor::Of<float>({1, 2, 2}, {11, 12, 23, 24})}});
  cases.push_back(
      {.name = "opset_6_suffix",
       .opset = 6,
       .attributes = {{"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4}), Tensor::Of<float>({2}, {10, 20})},
       .expected = {Tensor::Of<float>({1, 2, 2}, {11, 22, 13, 24})}});
  cases.push_back(
      {.name = "opset_6_expands_ones",
       .opset = 6,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Of<float>({2, 1}, {10, 20})},
       .expected = {Tensor::Of<float>({2, 2}, {11, 12, 23, 24})}});
  cases.push_back(
      {.name = "opset_1_one_element_of_higher_rank",
       .opset = 1,
       .attributes = {{"broadcast", int64_t{1}}, {"consumed_inputs", std::vector<int64_t>{0, 0}}},
       .inputs = {Tensor::Of<float>({2}, {1, 2}), Tensor::Of<float>({1, 1}, {10})},
       .expected = {Tensor::Of<float>({2}, {11, 12})}});
}

}  // namespace

extern const OpDef kAdd;
const OpDef kAdd = {
    .name = "Add", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
