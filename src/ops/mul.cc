#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = ArithmeticSchemas();

Status Infer(InferContext& context) { return InferArithmetic(context, Times); }

Status Reference(ReferenceContext& context) {
  return BroadcastNumeric(context, [](auto a, auto b) { return WrappingMultiply(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "broadcast_both",
       .inputs = {Tensor::Of<float>({2, 1}, {1, 2}), Tensor::Of<float>({3}, {10, 20, 30})},
       .expected = {Tensor::Of<float>({2, 3}, {10, 20, 30, 20, 40, 60})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({kInfinity, -0.0, kNaN, 5e-324}),
                              Tensor::Vector<double>({0, 2, 0, 0.5})},
                   .expected = {Tensor::Vector<double>({kNaN, -0.0, kNaN, 0})}});
  cases.push_back(
      {.name = "uint16_wraps",
       .inputs = {Tensor::Vector<uint16_t>({65535, 300}), Tensor::Vector<uint16_t>({65535, 300})},
       .expected = {Tensor::Vector<uint16_t>({1, 24464})}});
  cases.push_back({.name = "int64_wraps",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MIN, INT64_MAX}),
                              Tensor::Vector<int64_t>({-1, 2})},
                   .expected = {Tensor::Vector<int64_t>({INT64_MIN, -2})}});
  cases.push_back(
      {.name = "opset_1",
       .opset = 1,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<float>({10, 20})},
       .expected = {Tensor::Of<float>({2, 2}, {10, 20, 60, 80})}});
}

}  // namespace

extern const OpDef kMul;
const OpDef kMul = {
    .name = "Mul", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
