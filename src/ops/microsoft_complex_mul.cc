#include "ops/complex_product.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {ComplexProductSchema()};

Status Reference(ReferenceContext& context) { return ComputeComplexProduct(context, 1); }

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "broadcast",
                   .inputs = {Tensor::Of<float>({2, 1, 2}, {1, 2, 0, 1}),
                              Tensor::Of<float>({2, 2}, {3, 4, 2, -1})},
                   .expected = {Tensor::Of<float>({2, 2, 2}, {-5, 10, 4, 3, -4, 3, 1, 2})}});
}

}  // namespace

extern const OpDef kMicrosoftComplexMul;
const OpDef kMicrosoftComplexMul = {.name = "ComplexMul",
                                    .domain = kMicrosoftDomain,
                                    .schemas = kSchemas,
                                    .infer = InferComplexProduct,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
