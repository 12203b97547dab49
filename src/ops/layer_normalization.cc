#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/moments.h"
#include "ops/op_def.h"
#include "ops/row_normalization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kStashTypes = DTypeSet::Of(DType::kFloat32, DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 17,
     .inputs = {{"X", kFloats}, {"Scale", kFloats}, {"B", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats},
                 {"Mean", kStashTypes, Arity::kOptional},
                 {"InvStdDev", kStashTypes, Arity::kOptional}},
     .attributes = {IntAttribute("axis", -1), FloatAttribute("epsilon", 1e-5F),
                    IntAttribute("stash_type", 1)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(InferRows(context));
  context.CopyInput(0, 0);
  const int64_t stash = context.Int("stash_type");
  const DType stash_type = stash == 16 ? DType::kBFloat16 : DType::kFloat32;
  if (stash != static_cast<int64_t>(stash_type)) {
    return OpContext::Invalid(fmt::format(
        "attribute \"stash_type\": expected 1 (float32) or 16 (bfloat16), got {}", stash));
  }
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) {
    shape = *input;
    const auto axis = NormalizeAxis(context.Int("axis"), static_cast<int>(input->size()));
    std::fill(shape->begin() + *axis, shape->end(), Dim(1));
  }
  context.SetOutput(1, stash_type, shape);
  context.SetOutput(2, stash_type, shape);
  return OkStatus();
}

// Everything is computed in float64, whatever the stash type.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const RowView view, RowsOf(context));
  const double epsilon = context.Float("epsilon");
  const double* x = context.Doubles(0).data();
  std::vector<double> mean(static_cast<size_t>(view.rows));
  std::vector<double> inverse(static_cast<size_t>(view.rows));
  ForEachSlice(context.threads(), view.rows, view.length, [&](int64_t row) {
    const Moments moments = MomentsOfRun(x + row * view.length, view.length);
    mean[static_cast<size_t>(row)] = moments.mean;
    inverse[static_cast<size_t>(row)] = moments.InverseDeviation(epsilon);
  });
  Shape reduced = context.Input(0).shape();
  for (int axis = view.axis; axis < reduced.rank(); ++axis) reduced[axis] = 1;
  if (context.WantsOutput(1)) context.SetOutput(1, Tensor::Of(reduced, mean));
  if (context.WantsOutput(2)) context.SetOutput(2, Tensor::Of(reduced, inverse));
  return ScaleRows(context, view, mean, inverse);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 3, 2}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back(
      {.name = "last_axis_all_outputs",
       .inputs = {input, Tensor::Vector<double>({1.5, -0.5}), Tensor::Vector<double>({0.25, 1})},
       .output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 3, 2},
                                       {1.749996666677862, 1.4999988888926206, -1.2499952000231611,
                                        0.5000015999922797, -1.2499975510264676, 0.5000008163245109,
                                        -1.2499978666712717, 0.5000007111095761, 1.7499700009007277,
                                        1.4999900003002427, 1.749996666677862, 1.4999988888926206}),
                    Tensor::Of<double>({2, 3, 1}, {-0.5, 1.75, 1.75, 0.375, 0.25, 2.5}),
                    Tensor::Of<double>(
                        {2, 3, 1}, {0.6666651851901608, 0.7999974400123526, 0.5714276384862733,
                                    0.5333325748164521, 1.9999600012009704, 0.6666651851901608})}});
  cases.push_back(
      {.name = "axis_1_without_bias",
       .attributes = {{"axis", int64_t{1}}, {"epsilon", 0.1F}, {"stash_type", int64_t{16}}},
       .inputs = {input, Tensor::Of<double>({3, 2}, {1, 2, -1, 0.5, 0, 3})},
       .output_types = {DType::kFloat64, DType::kBFloat16, DType::kBFloat16},
       .expected = {
           Tensor::Of<double>({2, 3, 2},
                              {0, -3.1995260305718474, 0.2666271692143206, 0.5332543384286412, 0,
                               3.9994075382148093, -1.4272764770851833, 1.3570825519826333,
                               0.16378582523928334, -0.36266861302984166, 0, -0.07019392510255}),
           Tensor::Of<double>({2, 1, 1}, {1, 1.0416666666666667}),
           Tensor::Of<double>({2, 1, 1}, {0.5332543384286412, 0.5615514008204})}});
  cases.push_back({.name = "axis_0_scalar_scale",
                   .attributes = {{"axis", int64_t{-3}}},
                   .inputs = {input, Tensor::Scalar<double>(2), Tensor::Scalar<double>(-1)},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {-1.0231325616282285, -4.35422143609313, -1.5783140407057121,
                                   1.1975933546817064, -2.133495519783196, 1.75277483375919,
                                   -3.7990399570156472, 0.3648211360654808, -1.3007233011669703,
                                   -2.4110862593219378, 2.307956312836674, -1.0231325616282285})}});
  cases.push_back({.name = "scale_of_a_middle_axis",
                   .inputs = {input, Tensor::Of<double>({3, 1}, {1, 2, 3})},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.9999977777852413, -0.9999977777852413, -1.9999936000308816,
                                   1.9999936000308816, -2.999995102052935, 2.999995102052935,
                                   -0.9999985777808478, 0.9999985777808478, 1.9999600012009704,
                                   -1.9999600012009704, 2.999993333355724, -2.999993333355724})}});
  cases.push_back(
      {.name = "large_offset",
       .inputs = {Tensor::Of<double>({1, 4}, {100000000, 100000001, 100000002, 100000004}),
                  Tensor::Scalar<double>(1)},
       .expected = {Tensor::Of<double>({1, 4}, {-1.1832132521356489, -0.507091393772421,
                                                0.16903046459080698, 1.521274181317263})}});
  cases.push_back({.name = "constant_row",
                   .inputs = {Tensor::Of<double>({1, 3}, {5, 5, 5}), Tensor::Scalar<double>(1),
                              Tensor::Scalar<double>(2)},
                   .expected = {Tensor::Of<double>({1, 3}, {2, 2, 2})}});
  cases.push_back(
      {.name = "not_a_number_stays_in_its_row",
       .inputs = {Tensor::Of<double>({2, 2}, {kNaN, 1, 3, 3}), Tensor::Scalar<double>(1)},
       .expected = {Tensor::Of<double>({2, 2}, {kNaN, kNaN, 0, 0})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<float>({1, 1})},
                   .expected = {Tensor::Of<float>({0, 2}, {}), Tensor::Of<float>({0, 1}, {}),
                                Tensor::Of<float>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kLayerNormalization;
const OpDef kLayerNormalization = {.name = "LayerNormalization",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
