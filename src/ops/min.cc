#include "ops/cases.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/variadic.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {VariadicSchema(1, {}, kBasicFloats, "min", {kConsumedInputs}),
                                 VariadicSchema(6, {}, kBasicFloats, "min"),
                                 VariadicSchema(8, {12, 13}, kNumeric, "min")};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferBroadcast(context));
  return InferFoldedContents(context, Smaller<int64_t>);
}

Status Reference(ReferenceContext& context) {
  return BroadcastFoldNumeric(context, [](auto a, auto b) { return Smaller(a, b); });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "three_broadcast",
                   .inputs = {Tensor::Of<float>({2, 1}, {1, 5}), Tensor::Vector<float>({3, -1}),
                              Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<float>({2, 2}, {1, -1, 2, -1})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({kNaN, 1, kInfinity, -kInfinity, 5e-324}),
                              Tensor::Vector<double>({1, kNaN, 1, 1, 0})},
                   .expected = {Tensor::Vector<double>({kNaN, kNaN, 1, -kInfinity, 0})}});
  cases.push_back({.name = "int64_beyond_double",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX, INT64_MIN}),
                              Tensor::Vector<int64_t>({INT64_MAX - 1, 0})},
                   .expected = {Tensor::Vector<int64_t>({INT64_MAX - 1, INT64_MIN})}});
  cases.push_back({.name = "uint8",
                   .opset = 12,
                   .inputs = {Tensor::Vector<uint8_t>({200, 3}), Tensor::Vector<uint8_t>({100, 7}),
                              Tensor::Vector<uint8_t>({150, 255})},
                   .expected = {Tensor::Vector<uint8_t>({100, 3})}});
  cases.push_back({.name = "one_input",
                   .inputs = {Tensor::Vector<float>({1, -2})},
                   .expected = {Tensor::Vector<float>({1, -2})}});
  cases.push_back({.name = "opset_1",
                   .opset = 1,
                   .attributes = {{"consumed_inputs", std::vector<int64_t>{0}}},
                   .inputs = {Tensor::Vector<float>({1, 4}), Tensor::Vector<float>({3, 2})},
                   .expected = {Tensor::Vector<float>({1, 2})}});
}

}  // namespace

extern const OpDef kMin;
const OpDef kMin = {
    .name = "Min", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
