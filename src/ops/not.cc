#include <span>

#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(1, {}, kBools)};

Status Reference(ReferenceContext& context) {
  const std::span<const uint8_t> in = BoolBytes(context.Input(0));
  const std::span<bool> out =
      context.AllocateOutput(0, context.Input(0).shape()).mutable_data<bool>();
  for (size_t i = 0; i < in.size(); ++i) out[i] = in[i] == 0;
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "matrix",
                   .inputs = {Tensor::Of<bool>({1, 3}, {true, false, true})},
                   .expected = {Tensor::Of<bool>({1, 3}, {false, true, false})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<bool>(false)},
                   .expected = {Tensor::Scalar<bool>(true)}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<bool>({0}, {})},
                   .expected = {Tensor::Of<bool>({0}, {})}});
}

}  // namespace

extern const OpDef kNot;
const OpDef kNot = {.name = "Not",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
