#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kFloats}, {"tiles", kFloats}, {"axis", kFloats}},
     .outputs = {{"output", kFloats}}},
    {.since = 6,
     .also_since = {13},
     .inputs = {{"input", kAllTypes}, {"repeats", kInt64Only}},
     .outputs = {{"output", kAllTypes}}},
};

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  const auto repeats = context.opset() < 6 ? std::nullopt : context.InputContents(1);
  if (shape == nullptr) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  SymbolicShape result(shape->size());
  if (repeats && repeats->size() == shape->size()) {
    for (size_t i = 0; i < result.size(); ++i) result[i] = (*shape)[i] * (*repeats)[i];
  }
  context.SetOutput(0, dtype, std::move(result));
  return OkStatus();
}

Result<std::vector<int64_t>> Repeats(const ReferenceContext& context, int rank) {
  if (context.opset() >= 6) return context.IntValues(1);
  if (context.Input(1).elements() != 1 || context.Input(2).elements() != 1) {
    return OpContext::Invalid("tiles and axis: expected one element each");
  }
  std::vector<int64_t> repeats(static_cast<size_t>(rank), 1);
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(static_cast<int64_t>(context.Doubles(2)[0]), rank));
  repeats[static_cast<size_t>(axis)] = static_cast<int64_t>(context.Doubles(1)[0]);
  return repeats;
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const int rank = input.shape().rank();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> repeats, Repeats(context, rank));
  if (repeats.size() != static_cast<size_t>(rank)) {
    return OpContext::Invalid(
        fmt::format("repeats: expected {} values, got {}", rank, repeats.size()));
  }
  // Axis i becomes (repeat, extent); the repeat has stride 0.
  std::vector<int64_t> dims;
  std::vector<int64_t> strides;
  std::vector<int64_t> final_dims;
  const std::vector<int64_t> own = input.shape().Strides();
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t repeat = repeats[static_cast<size_t>(axis)];
    if (repeat < 0) return OpContext::Invalid(fmt::format("repeats: got {}", repeat));
    dims.insert(dims.end(), {repeat, input.shape()[axis]});
    strides.insert(strides.end(), {0, own[static_cast<size_t>(axis)]});
    final_dims.push_back(repeat * input.shape()[axis]);
  }
  const Shape shape(dims);
  if (!shape.CheckedElements()) return OpContext::Invalid("repeats: the result is too large");
  context.SetOutput(
      0, CopyStridedView(input, shape, 0, strides, context.threads()).Reshaped(Shape(final_dims)));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  cases.push_back({.name = "both_axes",
                   .inputs = {data, Tensor::Vector<int64_t>({1, 2})},
                   .expected = {Tensor::Of<float>({2, 4}, {1, 2, 1, 2, 3, 4, 3, 4})}});
  cases.push_back({.name = "zero_times",
                   .inputs = {data, Tensor::Vector<int64_t>({0, 1})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kTile;
const OpDef kTile = {
    .name = "Tile", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
