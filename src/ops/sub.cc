#include "ops/arithmetic.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = ArithmeticSchemas();

Status Infer(InferContext& context) { return InferArithmetic(context, Minus); }

Status Reference(ReferenceContext& context) {
  return BroadcastNumeric(context, [](auto a, auto b) { return WrappingSubtract(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "broadcast_both",
       .inputs = {Tensor::Of<float>({2, 1}, {1, 2}), Tensor::Of<float>({3}, {10, 20, 30})},
       .expected = {Tensor::Of<float>({2, 3}, {-9, -19, -29, -8, -18, -28})}});
  cases.push_back({.name = "uint8_wraps",
                   .inputs = {Tensor::Vector<uint8_t>({3, 255}), Tensor::Vector<uint8_t>({5, 255})},
                   .expected = {Tensor::Vector<uint8_t>({254, 0})}});
  cases.push_back({.name = "int64_wraps",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MIN, 7}), Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Vector<int64_t>({INT64_MAX, 6})}});
  cases.push_back(
      {.name = "opset_6_prefix",
       .opset = 6,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<int32_t>({10, 20})},
       .expected = {Tensor::Of<int32_t>({2, 2}, {-9, -8, -17, -16})}});
}

}  // namespace

extern const OpDef kSub;
const OpDef kSub = {
    .name = "Sub", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
