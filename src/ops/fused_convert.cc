#include "ops/elementwise.h"
#include "ops/fused.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// Stores a value in another format; what it is does not change. Plans contain it where the tactics
// of two neighbours store the value between them differently.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {RequiredAttribute("from", AttributeKind::kString),
                    RequiredAttribute("to", AttributeKind::kString)}},
};

Status Reference(ReferenceContext& context) {
  context.SetOutput(0, context.Input(0));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor x = Tensor::Of<float>({1, 3, 2}, {1, 2, 3, 4, 5, 6});
  cases.push_back(
      {.name = "block_larger_than_channels",
       .attributes = {{"from", std::string("float32")}, {"to", std::string("float32/c4")}},
       .inputs = {x},
       .expected = {x}});
}

}  // namespace

extern const OpDef kFusedConvert;
const OpDef kFusedConvert = {.name = "Convert",
                             .domain = kFusedDomain,
                             .schemas = kSchemas,
                             .infer = InferSameAsInput,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
