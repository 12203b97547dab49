#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr auto kSchemas = LogicSchemas();

Status Reference(ReferenceContext& context) {
  return BroadcastBools(context, [](bool a, bool b) { return a != b; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "truth_table",
                   .inputs = {Tensor::Vector<bool>({false, false, true, true}),
                              Tensor::Vector<bool>({false, true, false, true})},
                   .expected = {Tensor::Vector<bool>({false, true, true, false})}});
  cases.push_back(
      {.name = "broadcast_both",
       .inputs = {Tensor::Of<bool>({2, 1}, {true, false}), Tensor::Of<bool>({1, 2}, {true, false})},
       .expected = {Tensor::Of<bool>({2, 2}, {false, true, true, false})}});
  cases.push_back({.name = "opset_1_axis",
                   .opset = 1,
                   .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
                   .inputs = {Tensor::Of<bool>({2, 2}, {true, false, true, false}),
                              Tensor::Vector<bool>({true, false})},
                   .expected = {Tensor::Of<bool>({2, 2}, {false, true, true, false})}});
}

}  // namespace

extern const OpDef kXor;
const OpDef kXor = {.name = "Xor",
                    .schemas = kSchemas,
                    .infer = InferBroadcastBool,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
