#include <fmt/format.h>

#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/data_movement.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kFeatureTypes | kStrings;

constexpr OpSchema kSchemas[] = {
    {.since = 1, .inputs = {{"X", kTypes}, {"Y", kInt64Only}}, .outputs = {{"Z", kTypes}}},
};

Status ScalarError() {
  return OpContext::Invalid("shape of X: expected at least one axis, got a scalar");
}

// The output has as many elements along the last axis as Y has in all; a vector becomes a row.
Status Infer(InferContext& context) {
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) {
    if (input->empty()) return ScalarError();
    shape = *input;
    if (shape->size() == 1) shape->insert(shape->begin(), Dim(1));
    shape->back() = Dim::Unknown();
    if (const SymbolicShape* indices = context.InputShape(1)) {
      shape->back() = Dim(1);
      for (const Dim& dim : *indices) shape->back() = shape->back() * dim;
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const std::vector<int64_t> indices = context.IntValues(1);
  if (input.shape().rank() == 0) return ScalarError();
  const int64_t width = input.shape().dims().back();
  for (int64_t index : indices) {
    if (index >= 0 && index < width) continue;
    return OpContext::Invalid(fmt::format("Y: expected indices in [0, {}), got {}", width, index));
  }
  const auto chosen = static_cast<int64_t>(indices.size());
  Shape shape = input.shape();
  if (shape.rank() == 1) shape.dims().insert(shape.dims().begin(), 1);
  shape.dims().back() = chosen;
  if (!shape.CheckedElements()) return OpContext::Invalid("Y: the result is too large");
  const int64_t rows = shape.elements(0, shape.rank() - 1);
  const ElementBuffer source(input);
  ElementBuffer target(input.dtype(), shape);
  ForEachSlice(context.threads(), rows, chosen, [&](int64_t row) {
    for (int64_t k = 0; k < chosen; ++k) {
      target.Copy(row * chosen + k, source, row * width + indices[static_cast<size_t>(k)], 1);
    }
  });
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input = Tensor::Of<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "last_axis",
                   .inputs = {input, Tensor::Vector<int64_t>({2, 0, 2, 1})},
                   .expected = {Tensor::Of<float>({2, 1, 4}, {3, 1, 3, 2, 6, 4, 6, 5})}});
  cases.push_back({.name = "indices_of_two_axes",
                   .inputs = {input, Tensor::Of<int64_t>({2, 1}, {0, 1})},
                   .expected = {Tensor::Of<float>({2, 1, 2}, {1, 2, 4, 5})}});
  cases.push_back({.name = "a_vector_becomes_a_row",
                   .inputs = {Tensor::Vector<std::string>({"a", "b", "c"}),
                              Tensor::Of<int64_t>({1, 2}, {2, 1})},
                   .expected = {Tensor::Of<std::string>({1, 2}, {"c", "b"})}});
  cases.push_back(
      {.name = "scalar_index",
       .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 2, 3, 4}), Tensor::Scalar<int64_t>(1)},
       .expected = {Tensor::Of<int32_t>({2, 1}, {2, 4})}});
  cases.push_back({.name = "nothing_chosen",
                   .inputs = {input, Tensor::Of<int64_t>({0}, {})},
                   .expected = {Tensor::Of<float>({2, 1, 0}, {})}});
}

}  // namespace

extern const OpDef kMlArrayFeatureExtractor;
const OpDef kMlArrayFeatureExtractor = {.name = "ArrayFeatureExtractor",
                                        .domain = kMlDomain,
                                        .schemas = kSchemas,
                                        .infer = Infer,
                                        .reference = Reference,
                                        .moves_values = true,
                                        .cases = Cases};

}  // namespace assay
