#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {11, 28},
     .inputs = {{"indices", kNumeric}, {"depth", kNumeric}, {"values", kAllTypes}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("axis", -1)}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* indices = context.InputShape(0);
  if (indices == nullptr) {
    context.SetOutput(0, context.InputType(2), std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(context.Int("axis"), static_cast<int>(indices->size()) + 1));
  const auto depth = context.InputContents(1);
  SymbolicShape result = *indices;
  result.insert(result.begin() + axis, depth && depth->size() == 1 ? (*depth)[0] : Dim::Unknown());
  context.SetOutput(0, context.InputType(2), std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& indices = context.Input(0);
  const Tensor& values = context.Input(2);
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(context.Int("axis"), indices.shape().rank() + 1));
  if (context.Input(1).elements() != 1 || values.elements() != 2) {
    return OpContext::Invalid("depth and values: expected one and two elements");
  }
  const int64_t depth = context.Input(1).ValueAsInt(0);
  if (depth < 0)
    return OpContext::Invalid(fmt::format("depth: expected at least 0, got {}", depth));
  std::vector<int64_t> dims = indices.shape().dims();
  dims.insert(dims.begin() + axis, depth);
  const Shape shape(dims);
  if (!shape.CheckedElements()) return OpContext::Invalid("depth: the result is too large");
  const int64_t inner = indices.shape().elements(axis, indices.shape().rank());
  const ElementBuffer source(values);
  ElementBuffer target(values.dtype(), shape);
  for (int64_t i = 0; i < shape.elements(); ++i) target.Copy(i, source, 0, 1);
  for (int64_t i = 0; i < indices.elements(); ++i) {
    int64_t index = indices.ValueAsInt(i);
    if (index < -depth || index >= depth) continue;
    if (index < 0) index += depth;
    target.Copy((i / inner * depth + index) * inner + i % inner, source, 1, 1);
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "last_axis_and_out_of_range",
                   .inputs = {Tensor::Vector<int64_t>({1, -1, 7}), Tensor::Scalar<int64_t>(3),
                              Tensor::Vector<float>({0, 5})},
                   .expected = {Tensor::Of<float>({3, 3}, {0, 5, 0, 0, 0, 5, 0, 0, 0})}});
  cases.push_back({.name = "first_axis",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Vector<int64_t>({1, 0}), Tensor::Scalar<int64_t>(2),
                              Tensor::Vector<int32_t>({2, 4})},
                   .expected = {Tensor::Of<int32_t>({2, 2}, {2, 4, 4, 2})}});
}

}  // namespace

extern const OpDef kOneHot;
const OpDef kOneHot = {
    .name = "OneHot", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
