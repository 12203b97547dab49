#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/cases.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1, .inputs = {{"X", kFloats}, {"bias", kFloats}}, .outputs = {{"Y", kFloats}}},
};

Status Odd(int64_t extent) {
  return OpContext::Invalid(
      fmt::format("extent of the last axis: expected an even number, got {}", extent));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferLastAxisVector(context, 0, 1));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* x = context.InputShape(0); x != nullptr && !x->empty()) {
    shape = *x;
    if (x->back().IsKnown() && x->back().value() % 2 != 0) return Odd(x->back().value());
    shape->back() = FloorDivide(x->back(), Dim(2));
  }
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

// The left half of every row times Gelu of the right half.
Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 0, 1));
  Tensor sum = AddAlongLastAxis(context, context.Input(0), &context.Input(1));
  const int64_t width = sum.shape()[sum.shape().rank() - 1];
  if (width % 2 != 0) return Odd(width);
  ASSAY_ASSIGN_OR_RETURN(const Tensor gelu, ApplyOperator(context, "Gelu", {&sum}));
  Shape shape = sum.shape();
  const int64_t half = width / 2;
  shape[shape.rank() - 1] = half;
  const double* left = sum.data<double>().data();
  const double* right = gelu.data<double>().data();
  const std::span<double> y = context.AllocateOutput(0, shape).mutable_data<double>();
  for (int64_t i = 0; i < static_cast<int64_t>(y.size()); ++i) {
    const int64_t at = i / half * width + i % half;
    y[static_cast<size_t>(i)] = left[at] * right[at + half];
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "two_rows",
       .inputs = {Tensor::Of<double>({1, 2, 4}, {1, 2, 0.5, -2, 3, 4, 0, 0}),
                  Tensor::Vector<double>({0, 1, 0, 1})},
       .expected = {Tensor::Of<double>({1, 2, 2}, {0.34573123063700656, 3 * -0.15865525393145705, 0,
                                                   5 * 0.8413447460685429})}});
}

}  // namespace

extern const OpDef kMicrosoftBiasSplitGelu;
const OpDef kMicrosoftBiasSplitGelu = {.name = "BiasSplitGelu",
                                       .domain = kMicrosoftDomain,
                                       .schemas = kSchemas,
                                       .infer = Infer,
                                       .reference = Reference,
                                       .cases = Cases};

}  // namespace assay
