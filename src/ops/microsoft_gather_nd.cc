#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"data", kBasicTypes}, {"indices", kIndexTypes}},
     .outputs = {{"output", kBasicTypes}}},
};

// As in opset 11 of ONNX, which has no batch axes.
Status Infer(InferContext& context) { return FindOp("", "GatherND")->infer(context); }
Status Reference(ReferenceContext& context) { return FindOp("", "GatherND")->reference(context); }

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "slices_by_int32",
       .inputs = {Tensor::Of<float>({2, 2}, {0, 1, 2, 3}), Tensor::Of<int32_t>({2, 1}, {1, 0})},
       .expected = {Tensor::Of<float>({2, 2}, {2, 3, 0, 1})}});
}

}  // namespace

extern const OpDef kMicrosoftGatherND;
const OpDef kMicrosoftGatherND = {.name = "GatherND",
                                  .domain = kMicrosoftDomain,
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
