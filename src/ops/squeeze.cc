#include <fmt/format.h>

#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"squeezed", kAllTypes}},
     .attributes = {OptionalAttribute("axes", AttributeKind::kInts)}},
    {.since = 13,
     .also_since = {21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}, {"axes", kInt64Only, Arity::kOptional}},
     .outputs = {{"squeezed", kAllTypes}}},
};

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  const AxesArgument argument = InferAxes(context);
  const bool all_known = shape != nullptr && std::all_of(shape->begin(), shape->end(),
                                                         [](const Dim& d) { return d.IsKnown(); });
  if (shape == nullptr || !argument.known || (!argument.given && !all_known)) {
    context.SetOutput(0, dtype, std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                         NormalizeAxes(argument.axes, static_cast<int>(shape->size())));
  SymbolicShape result;
  for (size_t i = 0; i < shape->size(); ++i) {
    const Dim& dim = (*shape)[i];
    const bool listed = std::binary_search(axes.begin(), axes.end(), static_cast<int>(i));
    const bool drop = argument.given ? listed : dim.value() == 1;
    if (drop && dim.IsKnown() && dim.value() != 1) {
      return OpContext::Invalid(fmt::format("axis {}: expected extent 1, got {}", i, dim.value()));
    }
    if (!drop) result.push_back(dim);
  }
  context.SetOutput(0, dtype, std::move(result));
  ForwardContents(context);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const AxesArgument argument = ReferenceAxes(context);
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                         NormalizeAxes(argument.axes, input.shape().rank()));
  std::vector<int64_t> dims;
  for (int axis = 0; axis < input.shape().rank(); ++axis) {
    const bool listed = std::binary_search(axes.begin(), axes.end(), axis);
    const int64_t extent = input.shape()[axis];
    if (argument.given && listed && extent != 1) {
      return OpContext::Invalid(fmt::format("axis {}: expected extent 1, got {}", axis, extent));
    }
    if (argument.given ? !listed : extent != 1) dims.push_back(extent);
  }
  context.SetOutput(0, input.Reshaped(Shape(dims)));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({1, 2, 1}, {1, 2});
  cases.push_back({.name = "listed",
                   .inputs = {data, Tensor::Vector<int64_t>({-1})},
                   .expected = {Tensor::Of<float>({1, 2}, {1, 2})}});
  cases.push_back(
      {.name = "all_ones", .inputs = {data}, .expected = {Tensor::Of<float>({2}, {1, 2})}});
  cases.push_back({.name = "attribute",
                   .opset = 11,
                   .attributes = {{"axes", std::vector<int64_t>{0}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<float>({2, 1}, {1, 2})}});
}

}  // namespace

extern const OpDef kSqueeze;
const OpDef kSqueeze = {
    .name = "Squeeze", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
