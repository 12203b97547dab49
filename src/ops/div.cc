#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = ArithmeticSchemas();

Status Infer(InferContext& context) { return InferArithmetic(context, DividedBy); }

Status Reference(ReferenceContext& context) {
  return BroadcastNumeric(context, [](auto a, auto b) { return TruncatingDivide(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "broadcast_both",
       .inputs = {Tensor::Of<float>({2, 1}, {1, 3}), Tensor::Of<float>({3}, {2, 4, -8})},
       .expected = {Tensor::Of<float>({2, 3}, {0.5, 0.25, -0.125, 1.5, 0.75, -0.375})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({1, -1, 0, 1, kInfinity, kNaN}),
                              Tensor::Vector<double>({0, 0, 0, -0.0, kInfinity, 1})},
                   .expected = {Tensor::Vector<double>(
                       {kInfinity, -kInfinity, kNaN, -kInfinity, kNaN, kNaN})}});
  cases.push_back(
      {.name = "int32_truncates",
       .inputs = {Tensor::Vector<int32_t>({7, -7, 7, -7}), Tensor::Vector<int32_t>({2, 2, -2, -2})},
       .expected = {Tensor::Vector<int32_t>({3, -3, -3, 3})}});
  cases.push_back(
      {.name = "int8_by_zero_and_overflow",
       .inputs = {Tensor::Vector<int8_t>({5, -5, 0, -128}), Tensor::Vector<int8_t>({0, 0, 0, -1})},
       .expected = {Tensor::Vector<int8_t>({0, 0, 0, -128})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Vector<uint64_t>({18446744073709551615U, 9}),
                              Tensor::Vector<uint64_t>({2, 0})},
                   .expected = {Tensor::Vector<uint64_t>({9223372036854775807U, 0})}});
  cases.push_back({.name = "opset_6_scalar",
                   .opset = 6,
                   .attributes = {{"broadcast", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 3, 4}), Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<float>({2, 2}, {0.5, 1, 1.5, 2})}});
}

}  // namespace

extern const OpDef kDiv;
const OpDef kDiv = {
    .name = "Div", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
