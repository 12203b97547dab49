
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/transposed_product.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kFloats}, {"B", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {FloatAttribute("alpha", 1), IntAttribute("transA", 0),
                    IntAttribute("transB", 0), IntAttribute("transBatchA", 0),
                    IntAttribute("transBatchB", 0)}},
};

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::Of<float>({2, 1}, {1, 10});
  cases.push_back({.name = "left_transposed_and_scaled",
                   .attributes = {{"transA", int64_t{1}}, {"alpha", 0.5F}},
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({3, 1}, {20.5F, 26, 31.5F})}});
  cases.push_back({.name = "right_transposed",
                   .attributes = {{"transB", int64_t{1}}},
                   .inputs = {a, Tensor::Of<float>({1, 3}, {1, 0, -1})},
                   .expected = {Tensor::Of<float>({2, 1}, {-2, -2})}});
  // A stack of three matrices (1, 2) that lies with its rows outside.
  cases.push_back({.name = "rows_outside_the_stack",
                   .attributes = {{"transBatchA", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 3, 2}, {1, 2, 3, 4, 5, 6}), b},
                   .expected = {Tensor::Of<float>({3, 1, 1}, {21, 43, 65})}});
  cases.push_back({.name = "vector_has_no_transpose",
                   .attributes = {{"transA", int64_t{1}}},
                   .inputs = {Tensor::Vector<float>({1, 2}), b},
                   .expected = {Tensor::Of<float>({1}, {21})}});
}

}  // namespace

extern const OpDef kMicrosoftFusedMatMul;
const OpDef kMicrosoftFusedMatMul = {.name = "FusedMatMul",
                                     .domain = kMicrosoftDomain,
                                     .schemas = kSchemas,
                                     .infer = InferFusedMatMul,
                                     .reference = ComputeFusedMatMul,
                                     .cases = Cases};

}  // namespace assay
