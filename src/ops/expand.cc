#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 8,
     .also_since = {13},
     .inputs = {{"input", kAllTypes}, {"shape", kInt64Only}},
     .outputs = {{"output", kAllTypes}}},
};

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  const auto wanted = context.InputContents(1);
  if (shape == nullptr || !wanted) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  SymbolicShape result(std::max(shape->size(), wanted->size()));
  for (size_t i = 0; i < result.size(); ++i) {
    const Dim a = i < shape->size() ? (*shape)[shape->size() - 1 - i] : Dim(1);
    const Dim b = i < wanted->size() ? (*wanted)[wanted->size() - 1 - i] : Dim(1);
    const std::optional<Dim> dim = BroadcastDims(a, b);
    if (!dim) {
      return OpContext::Invalid(
          fmt::format("cannot expand {} to {}", ToString(*shape), ToString(*wanted)));
    }
    result[result.size() - 1 - i] = *dim;
  }
  context.SetOutput(0, dtype, std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const Shape wanted(context.IntValues(1));
  const std::optional<Shape> shape = BroadcastShapes(input.shape(), wanted);
  if (!shape || !shape->CheckedElements()) {
    return OpContext::Invalid(
        fmt::format("cannot expand {} to {}", input.shape().ToString(), wanted.ToString()));
  }
  const std::vector<int64_t> own = input.shape().Strides();
  std::vector<int64_t> strides(static_cast<size_t>(shape->rank()), 0);
  for (int axis = 0; axis < input.shape().rank(); ++axis) {
    const int at = shape->rank() - input.shape().rank() + axis;
    if (input.shape()[axis] != 1) strides[static_cast<size_t>(at)] = own[static_cast<size_t>(axis)];
  }
  context.SetOutput(0, CopyStridedView(input, *shape, 0, strides, context.threads()));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 1}, {1, 2});
  cases.push_back({.name = "grows",
                   .inputs = {data, Tensor::Vector<int64_t>({2, 3})},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 1, 1, 2, 2, 2})}});
  cases.push_back({.name = "both_ways",
                   .inputs = {data, Tensor::Vector<int64_t>({2, 1, 1})},
                   .expected = {Tensor::Of<float>({2, 2, 1}, {1, 2, 1, 2})}});
  cases.push_back({.name = "to_nothing",
                   .inputs = {data, Tensor::Vector<int64_t>({2, 0})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kExpand;
const OpDef kExpand = {
    .name = "Expand", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
