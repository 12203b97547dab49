#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/transposed_product.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// What FusedMatMul was called first.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kFloats}, {"B", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {FloatAttribute("alpha", 1), IntAttribute("transA", 0),
                    IntAttribute("transB", 0)}},
};

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "both_transposed_and_scaled",
       .attributes = {{"transA", int64_t{1}}, {"transB", int64_t{1}}, {"alpha", 2.0F}},
       .inputs = {Tensor::Of<float>({2, 1}, {3, 4}), Tensor::Of<float>({1, 2}, {1, 10})},
       .expected = {Tensor::Of<float>({1, 1}, {86})}});
}

}  // namespace

extern const OpDef kMicrosoftTransposeMatMul;
const OpDef kMicrosoftTransposeMatMul = {.name = "TransposeMatMul",
                                         .domain = kMicrosoftDomain,
                                         .schemas = kSchemas,
                                         .infer = InferFusedMatMul,
                                         .reference = ComputeFusedMatMul,
                                         .cases = Cases};

}  // namespace assay
