#include "ops/cases.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/variadic.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {VariadicSchema(1, {}, kBasicFloats, "mean", {kConsumedInputs}),
                                 VariadicSchema(6, {}, kBasicFloats, "mean"),
                                 VariadicSchema(8, {13}, kFloats, "mean")};

Status Reference(ReferenceContext& context) {
  const double count = context.input_count();
  return BroadcastFold<double>(
      context, [](double a, double b) { return a + b; },
      [count](double sum) { return sum / count; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "three_broadcast",
                   .inputs = {Tensor::Of<float>({2, 1}, {1, 5}), Tensor::Vector<float>({3, -1}),
                              Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<double>({2, 2}, {2, 2.0 / 3, 10.0 / 3, 2})}});
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
                   .expected = {Tensor::Vector<float>({2, 3})}});
}

}  // namespace

extern const OpDef kMean;
const OpDef kMean = {.name = "Mean",
                     .schemas = kSchemas,
                     .infer = InferBroadcast,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
