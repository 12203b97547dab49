#include "ops/cases.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/variadic.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {VariadicSchema(1, {}, kBasicFloats, "sum", {kConsumedInputs}),
                                 VariadicSchema(6, {}, kBasicFloats, "sum"),
                                 VariadicSchema(8, {13}, kFloats, "sum")};

Status Reference(ReferenceContext& context) {
  return BroadcastFold<double>(
      context, [](double a, double b) { return a + b; }, [](double sum) { return sum; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "three_broadcast",
                   .inputs = {Tensor::Of<float>({2, 1}, {1, 5}), Tensor::Vector<float>({3, -1}),
                              Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<double>({2, 2}, {6, 2, 10, 6})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({kNaN, kInfinity, kInfinity, -0.0}),
                              Tensor::Vector<double>({1, 1, -kInfinity, -0.0})},
                   .expected = {Tensor::Vector<double>({kNaN, kInfinity, kNaN, -0.0})}});
  cases.push_back({.name = "one_input",
                   .inputs = {Tensor::Vector<float>({1, -2})},
                   .expected = {Tensor::Vector<float>({1, -2})}});
  cases.push_back({.name = "opset_1",
                   .opset = 1,
                   .attributes = {{"consumed_inputs", std::vector<int64_t>{0}}},
                   .inputs = {Tensor::Vector<float>({1, 4}), Tensor::Vector<float>({3, 2})},
                   .expected = {Tensor::Vector<float>({4, 6})}});
}

}  // namespace

extern const OpDef kSum;
const OpDef kSum = {.name = "Sum",
                    .schemas = kSchemas,
                    .infer = InferBroadcast,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
