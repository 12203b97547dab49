#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kBasicTypes}, {"axis", DTypeSet::Of(DType::kInt32)}},
     .outputs = {{"Y", kBasicTypes}}},
};

// The new axis counts among those of the output.
Result<int64_t> NewAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank - 1 && axis <= rank) return axis < 0 ? axis + rank + 1 : axis;
  return OpContext::Invalid(fmt::format("axis: expected {} to {}, got {}", -rank - 1, rank, axis));
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  const auto axis = context.ConstantInts(1);
  if (shape == nullptr) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  SymbolicShape expanded(shape->size() + 1);
  if (axis && axis->size() == 1) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t at,
                           NewAxis(axis->front(), static_cast<int64_t>(shape->size())));
    expanded = *shape;
    expanded.insert(expanded.begin() + at, Dim(1));
  }
  context.SetOutput(0, context.InputType(0), std::move(expanded));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  if (context.Input(1).elements() != 1) return OpContext::Invalid("axis: expected one element");
  Shape shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int64_t at, NewAxis(context.Input(1).ValueAsInt(0), shape.rank()));
  shape.dims().insert(shape.dims().begin() + at, 1);
  context.SetOutput(0, context.Input(0).Reshaped(shape));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor x = Tensor::Vector<std::string>({"a", "b"});
  cases.push_back({.name = "in_front",
                   .inputs = {x, Tensor::Scalar<int32_t>(0)},
                   .expected = {Tensor::Of<std::string>({1, 2}, {"a", "b"})}});
  cases.push_back({.name = "from_the_end",
                   .inputs = {x, Tensor::Vector<int32_t>({-1})},
                   .expected = {Tensor::Of<std::string>({2, 1}, {"a", "b"})}});
}

}  // namespace

extern const OpDef kMicrosoftExpandDims;
const OpDef kMicrosoftExpandDims = {.name = "ExpandDims",
                                    .domain = kMicrosoftDomain,
                                    .schemas = kSchemas,
                                    .infer = Infer,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
