#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = OrderSchemas();

Status Reference(ReferenceContext& context) {
  return BroadcastComparison(context, [](auto a, auto b) { return a > b; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Vector<double>({1.5, -1.5, 2.0, kNaN, 0.0, kInfinity, -kInfinity, kNaN}),
                  Tensor::Vector<double>({1.0, 1.0, 2.0, 1.0, -0.0, kInfinity, kInfinity, kNaN})},
       .expected = {
           Tensor::Vector<bool>({true, false, false, false, false, false, false, false})}});
  cases.push_back({.name = "int64_beyond_double",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX, INT64_MIN, 5}),
                              Tensor::Vector<int64_t>({INT64_MAX - 1, INT64_MAX, 5})},
                   .expected = {Tensor::Vector<bool>({true, false, false})}});
  cases.push_back(
      {.name = "uint8_broadcast",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {200, 5}), Tensor::Vector<uint8_t>({5, 100, 255})},
       .expected = {Tensor::Of<bool>({2, 3}, {true, true, false, false, false, false})}});
  cases.push_back(
      {.name = "opset_1_axis",
       .opset = 1,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2}, {1, 5, 1, 5}), Tensor::Vector<float>({3, 0})},
       .expected = {Tensor::Of<bool>({2, 2}, {false, true, true, true})}});
}

}  // namespace

extern const OpDef kGreater;
const OpDef kGreater = {.name = "Greater",
                        .schemas = kSchemas,
                        .infer = InferBroadcastBool,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
