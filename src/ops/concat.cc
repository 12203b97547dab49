#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"inputs", kAllTypes, Arity::kVariadic}},
     .outputs = {{"concat_result", kAllTypes}},
     .attributes = {IntAttribute("axis", 1)}},
    {.since = 4,
     .also_since = {11, 13},
     .inputs = {{"inputs", kAllTypes, Arity::kVariadic}},
     .outputs = {{"concat_result", kAllTypes}},
     .attributes = {RequiredAttribute("axis", AttributeKind::kInt)}},
};

Status ShapesDiffer(const std::string& a, const std::string& b, int axis) {
  return OpContext::Invalid(
      fmt::format("shapes {} and {} may differ along axis {} only", a, b, axis));
}

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  std::optional<SymbolicShape> result;
  std::optional<std::vector<Dim>> contents = std::vector<Dim>();
  for (int i = 0; i < context.input_count(); ++i) {
    const SymbolicShape* shape = context.InputShape(i);
    if (shape == nullptr) {
      context.SetOutput(0, dtype, std::nullopt);
      return OkStatus();
    }
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
    const auto part = context.InputContents(i);
    if (contents && part) {
      contents->insert(contents->end(), part->begin(), part->end());
    } else {
      contents.reset();
    }
    if (!result) {
      result = *shape;
      continue;
    }
    if (result->size() != shape->size()) {
      return ShapesDiffer(ToString(*result), ToString(*shape), axis);
    }
    for (size_t k = 0; k < shape->size(); ++k) {
      Dim& dim = (*result)[k];
      const Dim& other = (*shape)[k];
      if (k == static_cast<size_t>(axis)) {
        dim = dim + other;
      } else if (dim.IsKnown() && other.IsKnown() && dim.value() != other.value()) {
        return ShapesDiffer(ToString(*result), ToString(*shape), axis);
      } else if (!dim.IsKnown() && (other.IsKnown() || !dim.IsSymbolic())) {
        dim = other;
      }
    }
  }
  context.SetOutput(0, dtype, std::move(result));
  if (contents) context.SetOutputContents(0, std::move(*contents));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& first = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), first.rank()));
  Shape shape = first;
  shape[axis] = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    Shape part = context.Input(i).shape();
    if (part.rank() != first.rank()) return ShapesDiffer(first.ToString(), part.ToString(), axis);
    shape[axis] += part[axis];
    part[axis] = first[axis];
    if (part != first) {
      return ShapesDiffer(first.ToString(), context.Input(i).shape().ToString(), axis);
    }
  }
  const int64_t outer = shape.elements(0, axis);
  const int64_t row = shape.elements(axis, shape.rank());
  ElementBuffer target(context.Input(0).dtype(), shape);
  int64_t column = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    const ElementBuffer source(context.Input(i));
    const int64_t width = context.Input(i).shape().elements(axis, shape.rank());
    for (int64_t k = 0; k < outer; ++k) target.Copy(k * row + column, source, k * width, width);
    column += width;
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 1}, {1, 2});
  const Tensor b = Tensor::Of<float>({2, 2}, {3, 4, 5, 6});
  cases.push_back({.name = "axis_1",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 3, 4, 2, 5, 6})}});
  cases.push_back({.name = "negative_axis",
                   .attributes = {{"axis", int64_t{-2}}},
                   .inputs = {a, a},
                   .expected = {Tensor::Of<float>({4, 1}, {1, 2, 1, 2})}});
  cases.push_back({.name = "one_input",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<std::string>({2}, {"x", "y"})},
                   .expected = {Tensor::Of<std::string>({2}, {"x", "y"})}});
  cases.push_back({.name = "empty_part",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<int64_t>({0}, {}), Tensor::Of<int64_t>({1}, {3})},
                   .expected = {Tensor::Of<int64_t>({1}, {3})}});
}

}  // namespace

extern const OpDef kConcat;
const OpDef kConcat = {
    .name = "Concat", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
