#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/indexing.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11, 13},
     .inputs = {{"data", kAllTypes}, {"indices", kIndexTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 0)}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* data = context.InputShape(0);
  const SymbolicShape* indices = context.InputShape(1);
  if (data == nullptr || indices == nullptr) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(context.Int("axis"), static_cast<int>(data->size())));
  SymbolicShape result(data->begin(), data->begin() + axis);
  result.insert(result.end(), indices->begin(), indices->end());
  result.insert(result.end(), data->begin() + axis + 1, data->end());
  context.SetOutput(0, context.InputType(0), std::move(result));

  const auto contents = context.InputContents(0);
  const auto selected = context.ConstantInts(1);
  if (!contents || !selected || data->size() != 1) return OkStatus();
  std::vector<Dim> gathered;
  for (int64_t index : *selected) {
    ASSAY_ASSIGN_OR_RETURN(index, WrapIndex(index, static_cast<int64_t>(contents->size())));
    gathered.push_back((*contents)[static_cast<size_t>(index)]);
  }
  context.SetOutputContents(0, std::move(gathered));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& data = context.Input(0);
  const Shape& shape = data.shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), shape.rank()));
  std::vector<int64_t> dims(shape.begin(), shape.begin() + axis);
  const Shape& index_shape = context.Input(1).shape();
  dims.insert(dims.end(), index_shape.begin(), index_shape.end());
  dims.insert(dims.end(), shape.begin() + axis + 1, shape.end());
  const std::vector<int64_t> indices = context.IntValues(1);
  const int64_t outer = shape.elements(0, axis);
  const int64_t width = shape.elements(axis + 1, shape.rank());
  const ElementBuffer source(data);
  ElementBuffer target(data.dtype(), Shape(dims));
  int64_t at = 0;
  for (int64_t k = 0; k < outer; ++k) {
    for (int64_t index : indices) {
      ASSAY_ASSIGN_OR_RETURN(index, WrapIndex(index, shape[axis]));
      target.Copy(at, source, (k * shape[axis] + index) * width, width);
      at += width;
    }
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "rows",
                   .inputs = {data, Tensor::Of<int64_t>({1, 2}, {2, -3})},
                   .expected = {Tensor::Of<float>({1, 2, 2}, {5, 6, 1, 2})}});
  cases.push_back({.name = "column_by_scalar",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {data, Tensor::Scalar<int32_t>(1)},
                   .expected = {Tensor::Of<float>({3}, {2, 4, 6})}});
  cases.push_back({.name = "no_indices",
                   .inputs = {data, Tensor::Of<int64_t>({0}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kGather;
const OpDef kGather = {
    .name = "Gather", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
