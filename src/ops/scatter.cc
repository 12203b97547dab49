#include "ops/op_def.h"
#include "ops/scatter_elements.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {11},
     .inputs = {{"data", kAllTypes}, {"indices", kIndexTypes}, {"updates", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 0)}},
};

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "axis_1",
       .attributes = {{"axis", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 5}, {1, 2, 3, 4, 5}), Tensor::Of<int64_t>({1, 2}, {1, 3}),
                  Tensor::Of<float>({1, 2}, {1.5F, 2.5F})},
       .expected = {Tensor::Of<float>({1, 5}, {1, 1.5F, 3, 2.5F, 5})}});
  cases.push_back({.name = "under_an_opset_in_which_its_successor_can_reduce",
                   .opset = 18,
                   .inputs = {Tensor::Of<float>({2}, {1, 2}), Tensor::Of<int64_t>({1}, {1}),
                              Tensor::Of<float>({1}, {3})},
                   .expected = {Tensor::Of<float>({2}, {1, 3})}});
}

}  // namespace

extern const OpDef kScatter;
const OpDef kScatter = {.name = "Scatter",
                        .schemas = kSchemas,
                        .infer = InferScatterElements,
                        .reference = ReferenceScatterElements,
                        .cases = Cases};

}  // namespace assay
