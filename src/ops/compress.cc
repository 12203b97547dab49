#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {11, 28},
     .inputs = {{"input", kAllTypes}, {"condition", kBools}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {OptionalAttribute("axis", AttributeKind::kInt)}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  std::optional<SymbolicShape> result;
  if (!context.HasAttribute("axis")) {
    result = SymbolicShape(1);
  } else if (shape != nullptr) {
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
    result = *shape;
    (*result)[static_cast<size_t>(axis)] = Dim::Unknown();
  }
  context.SetOutput(0, context.InputType(0), std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const bool flat = !context.HasAttribute("axis");
  const Tensor& given = context.Input(0);
  const Tensor input = flat ? given.Reshaped({given.elements()}) : given;
  const Shape& shape = input.shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(flat ? 0 : context.Int("axis"), shape.rank()));
  const auto condition = context.Input(1).data<bool>();
  std::vector<int64_t> kept;
  const int64_t limit = std::min<int64_t>(shape[axis], static_cast<int64_t>(condition.size()));
  for (int64_t i = 0; i < limit; ++i) {
    if (condition[static_cast<size_t>(i)]) kept.push_back(i);
  }
  Shape result = shape;
  result[axis] = static_cast<int64_t>(kept.size());
  const int64_t width = shape.elements(axis + 1, shape.rank());
  const ElementBuffer source(input);
  ElementBuffer target(input.dtype(), result);
  int64_t at = 0;
  for (int64_t outer = 0; outer < shape.elements(0, axis); ++outer) {
    for (int64_t index : kept) {
      target.Copy(at, source, (outer * shape[axis] + index) * width, width);
      at += width;
    }
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "rows",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {data, Tensor::Vector<bool>({false, true, true})},
                   .expected = {Tensor::Of<float>({2, 2}, {3, 4, 5, 6})}});
  cases.push_back({.name = "flat_short_condition",
                   .inputs = {data, Tensor::Vector<bool>({false, true})},
                   .expected = {Tensor::Of<float>({1}, {2})}});
}

}  // namespace

extern const OpDef kCompress;
const OpDef kCompress = {.name = "Compress",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
