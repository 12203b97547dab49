#include <fmt/format.h>

#include <algorithm>

#include "ops/data_movement.h"
#include "ops/indexing.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"data", kAllTypes}, {"indices", kInt64Only}},
     .outputs = {{"output", kAllTypes}}},
    {.since = 12,
     .also_since = {13},
     .inputs = {{"data", kAllTypes}, {"indices", kInt64Only}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("batch_dims", 0)}},
};

int64_t BatchDims(const OpContext& context) {
  return context.opset() >= 12 ? context.Int("batch_dims") : 0;
}

Status Infer(InferContext& context) {
  const SymbolicShape* data = context.InputShape(0);
  const SymbolicShape* indices = context.InputShape(1);
  const size_t batch = static_cast<size_t>(std::max<int64_t>(BatchDims(context), 0));
  if (data == nullptr || indices == nullptr || indices->empty() || !indices->back().IsKnown()) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  const int64_t depth = indices->back().value();
  if (depth < 0 || batch + static_cast<size_t>(depth) > data->size()) {
    return OpContext::Invalid(fmt::format("indices: {} batch axes and tuples of {} do not fit {}",
                                          batch, depth, ToString(*data)));
  }
  SymbolicShape result(indices->begin(), indices->end() - 1);
  result.insert(result.end(), data->begin() + static_cast<std::ptrdiff_t>(batch) + depth,
                data->end());
  context.SetOutput(0, context.InputType(0), std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& data = context.Input(0);
  const Shape& shape = context.Input(1).shape();
  const int batch = static_cast<int>(BatchDims(context));
  if (shape.rank() < 1) return OpContext::Invalid("indices: expected rank at least 1, got 0");
  const int64_t depth = shape[shape.rank() - 1];
  if (batch < 0 || batch >= shape.rank() || batch + depth > data.shape().rank()) {
    return OpContext::Invalid(fmt::format("indices: {} batch axes and tuples of {} do not fit {}",
                                          batch, depth, data.shape().ToString()));
  }
  std::vector<int64_t> dims(shape.begin(), shape.end() - 1);
  dims.insert(dims.end(), data.shape().begin() + batch + depth, data.shape().end());
  const std::vector<int64_t> indices = context.IntValues(1);
  const int64_t tuples = shape.elements(0, shape.rank() - 1);
  const int64_t batches = data.shape().elements(0, batch);
  const int64_t per_batch = batches == 0 ? 0 : tuples / batches;
  const Shape inner(std::vector<int64_t>(data.shape().begin() + batch, data.shape().end()));
  const int64_t width = inner.elements(static_cast<int>(depth), inner.rank());
  const ElementBuffer source(data);
  ElementBuffer target(data.dtype(), Shape(dims));
  for (int64_t i = 0; i < tuples; ++i) {
    const std::span<const int64_t> tuple(indices.data() + i * depth, static_cast<size_t>(depth));
    ASSAY_ASSIGN_OR_RETURN(int64_t from, FlatPosition(tuple, inner));
    from += i / per_batch * inner.elements();
    target.Copy(i * width, source, from, width);
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<int32_t>({2, 2}, {0, 1, 2, 3});
  cases.push_back({.name = "elements",
                   .inputs = {data, Tensor::Of<int64_t>({2, 2}, {0, 0, 1, -1})},
                   .expected = {Tensor::Of<int32_t>({2}, {0, 3})}});
  cases.push_back({.name = "slices",
                   .inputs = {data, Tensor::Of<int64_t>({2, 1}, {1, 0})},
                   .expected = {Tensor::Of<int32_t>({2, 2}, {2, 3, 0, 1})}});
  cases.push_back({.name = "batched",
                   .attributes = {{"batch_dims", int64_t{1}}},
                   .inputs = {Tensor::Of<int32_t>({2, 2, 1}, {0, 1, 2, 3}),
                              Tensor::Of<int64_t>({2, 1}, {1, 0})},
                   .expected = {Tensor::Of<int32_t>({2, 1}, {1, 2})}});
}

}  // namespace

extern const OpDef kGatherND;
const OpDef kGatherND = {.name = "GatherND",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
