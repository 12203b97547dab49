#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {BinarySchema(12, {16}, kNumeric, kBools)};

Status Reference(ReferenceContext& context) {
  return BroadcastComparison(context, [](auto a, auto b) { return a <= b; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Vector<double>({1.5, -1.5, 2.0, kNaN, 0.0, kInfinity, -kInfinity, kNaN}),
                  Tensor::Vector<double>({1.0, 1.0, 2.0, 1.0, -0.0, kInfinity, kInfinity, kNaN})},
       .expected = {Tensor::Vector<bool>({false, true, true, false, true, true, true, false})}});
  cases.push_back({.name = "int64_beyond_double",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX, INT64_MIN, 5}),
                              Tensor::Vector<int64_t>({INT64_MAX - 1, INT64_MAX, 5})},
                   .expected = {Tensor::Vector<bool>({false, true, true})}});
  cases.push_back(
      {.name = "uint8_broadcast",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {200, 5}), Tensor::Vector<uint8_t>({5, 100, 255})},
       .expected = {Tensor::Of<bool>({2, 3}, {false, false, true, true, true, true})}});
}

}  // namespace

extern const OpDef kLessOrEqual;
const OpDef kLessOrEqual = {.name = "LessOrEqual",
                            .schemas = kSchemas,
                            .infer = InferBroadcastBool,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
