#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {9, 11, 13, 21, 23, 24, 25},
     .inputs = {{"input", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", 1)}},
};

// Unlike other axes this one may equal the rank: everything goes to the outer extent.
Result<int> SplitAxis(const OpContext& context, int rank) {
  const int64_t axis = context.Int("axis");
  if (axis < -rank || axis > rank) {
    return OpContext::Invalid(
        fmt::format("axis: expected a value in [{}, {}], got {}", -rank, rank, axis));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  SymbolicShape result(2);
  if (shape != nullptr) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, SplitAxis(context, static_cast<int>(shape->size())));
    result = {Dim(1), Dim(1)};
    for (size_t i = 0; i < shape->size(); ++i) {
      Dim& part = result[i < static_cast<size_t>(axis) ? 0 : 1];
      part = part * (*shape)[i];
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const Shape& shape = input.shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, SplitAxis(context, shape.rank()));
  context.SetOutput(0,
                    input.Reshaped({shape.elements(0, axis), shape.elements(axis, shape.rank())}));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const auto add = [&](std::string name, int64_t axis, Shape shape) {
    cases.push_back({.name = std::move(name),
                     .attributes = {{"axis", axis}},
                     .inputs = {data},
                     .expected = {Tensor::Of<float>(shape, {1, 2, 3, 4, 5, 6})}});
  };
  add("axis_0", 0, {1, 6});
  add("axis_2", 2, {2, 3});
  add("axis_rank", 3, {6, 1});
  add("negative", -3, {1, 6});
  cases.push_back({.name = "scalar",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<float>({1, 1}, {2})}});
}

}  // namespace

extern const OpDef kFlatten;
const OpDef kFlatten = {
    .name = "Flatten", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
