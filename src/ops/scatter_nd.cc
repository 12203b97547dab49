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
     .inputs = {{"data", kAllTypes}, {"indices", kInt64Only}, {"updates", kAllTypes}},
     .outputs = {{"output", kAllTypes}}},
    {.since = 16,
     .also_since = {18},
     .inputs = {{"data", kAllTypes}, {"indices", kInt64Only}, {"updates", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {StringAttribute("reduction", "none")}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(1).shape();
  const Tensor& updates = context.Input(2);
  Tensor data = WritableCopy(context.Input(0));
  ScatterReduction reduction = ScatterReduction::kNone;
  if (context.opset() >= 16) {
    ASSAY_ASSIGN_OR_RETURN(reduction, ScatterReductionOf(context.String("reduction")));
  }
  const int64_t depth = shape.rank() < 1 ? -1 : shape[shape.rank() - 1];
  if (depth < 0 || depth > data.shape().rank()) {
    return OpContext::Invalid(fmt::format("indices of shape {} do not fit data of shape {}",
                                          shape.ToString(), data.shape().ToString()));
  }
  const int64_t width = data.shape().elements(static_cast<int>(depth), data.shape().rank());
  const int64_t tuples = shape.elements(0, shape.rank() - 1);
  if (updates.elements() != tuples * width) {
    return OpContext::Invalid(fmt::format("updates: expected {} elements, got shape {}",
                                          tuples * width, updates.shape().ToString()));
  }
  const std::vector<int64_t> indices = context.IntValues(1);
  for (int64_t i = 0; i < tuples; ++i) {
    const std::span<const int64_t> tuple(indices.data() + i * depth, static_cast<size_t>(depth));
    ASSAY_ASSIGN_OR_RETURN(const int64_t to, FlatPosition(tuple, data.shape()));
    ASSAY_RETURN_IF_ERROR(ScatterElementsAt(data, to, updates, i * width, width, reduction));
  }
  context.SetOutput(0, std::move(data));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({4}, {1, 2, 3, 4});
  cases.push_back(
      {.name = "replaces",
       .inputs = {data, Tensor::Of<int64_t>({2, 1}, {3, -4}), Tensor::Vector<float>({9, 8})},
       .expected = {Tensor::Vector<float>({8, 2, 3, 9})}});
  cases.push_back(
      {.name = "multiplies_duplicates",
       .attributes = {{"reduction", std::string("mul")}},
       .inputs = {data, Tensor::Of<int64_t>({2, 1}, {1, 1}), Tensor::Vector<float>({3, 5})},
       .expected = {Tensor::Vector<float>({1, 30, 3, 4})}});
  cases.push_back(
      {.name = "rows",
       .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 2, 3, 4}), Tensor::Of<int64_t>({1, 1}, {1}),
                  Tensor::Of<int32_t>({1, 2}, {7, 8})},
       .expected = {Tensor::Of<int32_t>({2, 2}, {1, 2, 7, 8})}});
}

}  // namespace

extern const OpDef kScatterND;
const OpDef kScatterND = {.name = "ScatterND",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
