#include <vector>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/row_normalization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 23,
     .inputs = {{"X", kFloats}, {"scale", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {IntAttribute("axis", -1), FloatAttribute("epsilon", 1e-5F),
                    IntAttribute("stash_type", 1)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferRows(context));
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, context.InputType(1),
                    shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

// Everything is computed in float64, whatever the stash type.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const RowView view, RowsOf(context));
  const std::vector<double> shift(static_cast<size_t>(view.rows), 0);
  const std::vector<double> inverse = InverseRootMeanSquares(
      context.Doubles(0), view.rows, view.length, context.Float("epsilon"), context.threads());
  return ScaleRows(context, view, shift, inverse);
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 3, 2}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back({.name = "last_axis",
                   .inputs = {input, Tensor::Vector<double>({1.5, -0.5})},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.9486814006896577, 0.6324542671264385, 0.34874253921270987,
                                   -0.6974850784254197, 0, -0.7071062039572434, -1.1766952016744137,
                                   -0.5883476008372068, 2.0124289811445126, 0.22360322012716807,
                                   2.0579818111329566, -0.17149848426107972})}});
  cases.push_back({.name = "axis_1",
                   .attributes = {{"axis", int64_t{1}}, {"epsilon", 0.5F}},
                   .inputs = {input, Tensor::Of<double>({3, 2}, {1, 2, -1, 0.5, 0, 3})},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.4509876168016973, -1.8039504672067892, -0.22549380840084865,
                                   0.676481425202546, 0, 4.735369976417822, -0.6951413356361907,
                                   2.085424006908572, -0.34757066781809537, -0.057928444636349226,
                                   0, 1.3902826712723815})}});
  cases.push_back({.name = "axis_0_scalar_scale",
                   .attributes = {{"axis", int64_t{-3}}, {"stash_type", int64_t{16}}},
                   .inputs = {input, Tensor::Scalar<double>(3)},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {1.4490102075775362, -2.8980204151550724, 0.7245051037887681,
                                   4.347030622732609, 0, 5.071535726521376, -2.1735153113663044,
                                   3.260272967049456, 1.0867576556831522, -0.36225255189438405,
                                   5.796040830310145, 1.4490102075775362})}});
  cases.push_back(
      {.name = "output_has_the_type_of_the_scale",
       .inputs = {Tensor::Of<Float16>({1, 2}, {{0x3C00}, {0xBC00}}),
                  Tensor::Vector<double>({2, 2})},
       .output_types = {DType::kFloat64},
       .expected = {Tensor::Of<double>({1, 2}, {1.999990000075252, -1.999990000075252})}});
  cases.push_back({.name = "zeros",
                   .inputs = {Tensor::Of<double>({1, 2}, {0, 0}), Tensor::Scalar<double>(1)},
                   .expected = {Tensor::Of<double>({1, 2}, {0, 0})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({2, 0}, {}), Tensor::Scalar<float>(1)},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kRMSNormalization;
const OpDef kRMSNormalization = {.name = "RMSNormalization",
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
