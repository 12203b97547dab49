#include "ops/scatter_elements.h"

#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/indexing.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .also_since = {13},
     .inputs = {{"data", kAllTypes}, {"indices", kIndexTypes}, {"updates", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 0)}},
    {.since = 16,
     .also_since = {18},
     .inputs = {{"data", kAllTypes}, {"indices", kIndexTypes}, {"updates", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 0), StringAttribute("reduction", "none")}},
};

}  // namespace

Status InferScatterElements(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status ReferenceScatterElements(ReferenceContext& context) {
  const Shape& shape = context.Input(1).shape();
  const Tensor& updates = context.Input(2);
  Tensor data = WritableCopy(context.Input(0));
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), data.shape().rank()));
  ScatterReduction reduction = ScatterReduction::kNone;
  if (context.opset() >= 16 && context.node().op != "Scatter") {
    ASSAY_ASSIGN_OR_RETURN(reduction, ScatterReductionOf(context.String("reduction")));
  }
  if (updates.shape() != shape || shape.rank() != data.shape().rank()) {
    return OpContext::Invalid(
        fmt::format("data {}, indices {} and updates {}: expected equal ranks, and updates of the "
                    "shape of indices",
                    data.shape().ToString(), shape.ToString(), updates.shape().ToString()));
  }
  const std::vector<int64_t> indices = context.IntValues(1);
  std::vector<int64_t> position(static_cast<size_t>(shape.rank()), 0);
  for (size_t i = 0; i < indices.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i);
    for (int k = shape.rank() - 1; k >= 0; --k) {
      position[static_cast<size_t>(k)] = rest % shape[k];
      rest /= shape[k];
    }
    position[static_cast<size_t>(axis)] = indices[i];
    ASSAY_ASSIGN_OR_RETURN(const int64_t to, FlatPosition(position, data.shape()));
    ASSAY_RETURN_IF_ERROR(
        ScatterElementsAt(data, to, updates, static_cast<int64_t>(i), 1, reduction));
  }
  context.SetOutput(0, std::move(data));
  return OkStatus();
}

namespace {

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor indices = Tensor::Of<int64_t>({1, 2}, {1, -2});
  const Tensor updates = Tensor::Of<float>({1, 2}, {10, 20});
  cases.push_back({.name = "replaces",
                   .inputs = {data, indices, updates},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 20, 3, 10, 5, 6})}});
  cases.push_back({.name = "adds_duplicates",
                   .attributes = {{"axis", int64_t{1}}, {"reduction", std::string("add")}},
                   .inputs = {data, Tensor::Of<int64_t>({1, 2}, {1, 1}), updates},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 32, 3, 4, 5, 6})}});
  cases.push_back({.name = "max",
                   .attributes = {{"reduction", std::string("max")}},
                   .inputs = {data, indices, Tensor::Of<float>({1, 2}, {1, 20})},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 20, 3, 4, 5, 6})}});
}

}  // namespace

extern const OpDef kScatterElements;
const OpDef kScatterElements = {.name = "ScatterElements",
                                .schemas = kSchemas,
                                .infer = InferScatterElements,
                                .reference = ReferenceScatterElements,
                                .cases = Cases};

}  // namespace assay
