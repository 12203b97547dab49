#include <fmt/format.h>

#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/row_normalization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kDeviations = DTypeSet::Of(DType::kFloat32, DType::kFloat64);

// ONNX Runtime writes it into the domain of ONNX when it fuses the parts of RMSNormalization.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}, {"scale", kFloats}},
     .outputs = {{"Y", kFloats}, {"inv_std_var", kDeviations, Arity::kOptional}},
     .attributes = {IntAttribute("axis", -1), FloatAttribute("epsilon", 1e-5F),
                    IntAttribute("stash_type", 1)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferRows(context));
  std::optional<SymbolicShape> shape;
  std::optional<SymbolicShape> reduced;
  if (const SymbolicShape* input = context.InputShape(0)) {
    shape = reduced = *input;
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(input->size())));
    std::fill(reduced->begin() + axis, reduced->end(), Dim(1));
  }
  const int64_t stash = context.Int("stash_type");
  if (stash != static_cast<int64_t>(DType::kFloat32) &&
      stash != static_cast<int64_t>(DType::kFloat64)) {
    return OpContext::Invalid(fmt::format(
        "attribute \"stash_type\": expected 1 (float32) or 11 (float64), got {}", stash));
  }
  context.SetOutput(0, context.InputType(1), std::move(shape));
  context.SetOutput(1, static_cast<DType>(stash), std::move(reduced));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const RowView view, RowsOf(context));
  const std::vector<double> shift(static_cast<size_t>(view.rows), 0);
  const std::vector<double> inverse = InverseRootMeanSquares(
      context.Doubles(0), view.rows, view.length, context.Float("epsilon"), context.threads());
  if (context.WantsOutput(1)) {
    Shape reduced = context.Input(0).shape();
    for (int axis = view.axis; axis < reduced.rank(); ++axis) reduced[axis] = 1;
    context.SetOutput(1, Tensor::Of(reduced, inverse));
  }
  return ScaleRows(context, view, shift, inverse);
}

void Cases(std::vector<OpCase>& cases) {
  // Mean squares 12 and 0.75, with epsilon 12.25 and 1.
  cases.push_back({.name = "rows",
                   .attributes = {{"epsilon", 0.25F}},
                   .inputs = {Tensor::Of<double>({2, 3}, {6, 0, 0, 0, 1.5, 0}),
                              Tensor::Vector<double>({1, 2, 3})},
                   .output_types = {DType::kFloat64, DType::kFloat32},
                   .expected = {Tensor::Of<double>({2, 3}, {6 / 3.5, 0, 0, 0, 3, 0}),
                                Tensor::Of<double>({2, 1}, {1 / 3.5, 1})}});
  cases.push_back(
      {.name = "axis_0",
       .attributes = {{"axis", int64_t{0}}, {"epsilon", 0.0F}},
       .inputs = {Tensor::Of<double>({2, 2}, {2, 2, -2, 2}), Tensor::Of<double>({2, 1}, {1, 10})},
       .expected = {Tensor::Of<double>({2, 2}, {1, 1, -10, 10})}});
}

}  // namespace

extern const OpDef kSimplifiedLayerNormalization;
const OpDef kSimplifiedLayerNormalization = {.name = "SimplifiedLayerNormalization",
                                             .schemas = kSchemas,
                                             .infer = Infer,
                                             .reference = Reference,
                                             .cases = Cases};

}  // namespace assay
