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
     .inputs = {{"data", kAllTypes}, {"indices", kIndexTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 0)}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(1);
  context.SetOutput(0, context.InputType(0),
                    shape == nullptr ? std::nullopt : std::optional<SymbolicShape>(*shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& data = context.Input(0);
  const Shape& shape = context.Input(1).shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), data.shape().rank()));
  if (shape.rank() != data.shape().rank()) {
    return OpContext::Invalid(fmt::format("indices: expected rank {}, got shape {}",
                                          data.shape().rank(), shape.ToString()));
  }
  const std::vector<int64_t> indices = context.IntValues(1);
  const ElementBuffer source(data);
  ElementBuffer target(data.dtype(), shape);
  std::vector<int64_t> position(static_cast<size_t>(shape.rank()), 0);
  for (size_t i = 0; i < indices.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i);
    for (int k = shape.rank() - 1; k >= 0; --k) {
      position[static_cast<size_t>(k)] = rest % shape[k];
      rest /= shape[k];
    }
    position[static_cast<size_t>(axis)] = indices[i];
    ASSAY_ASSIGN_OR_RETURN(const int64_t from, FlatPosition(position, data.shape()));
    target.Copy(static_cast<int64_t>(i), source, from, 1);
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  cases.push_back({.name = "axis_1",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {data, Tensor::Of<int64_t>({2, 2}, {0, 0, 1, 0})},
                   .expected = {Tensor::Of<float>({2, 2}, {1, 1, 4, 3})}});
  cases.push_back({.name = "fewer_rows_negative_index",
                   .inputs = {data, Tensor::Of<int32_t>({1, 2}, {-1, 0})},
                   .expected = {Tensor::Of<float>({1, 2}, {3, 2})}});
}

}  // namespace

extern const OpDef kGatherElements;
const OpDef kGatherElements = {.name = "GatherElements",
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
