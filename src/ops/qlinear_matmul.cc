#include <algorithm>

#include "ops/matmul_shape.h"
#include "ops/op_def.h"
#include "ops/quantized_operand.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kQuantized =
    DTypeSet::Of(DType::kInt8, DType::kUInt8, DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ,
                 DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ);
constexpr DTypeSet kScales = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .also_since = {21},
     .inputs = {{"a", kQuantized},
                {"a_scale", kScales},
                {"a_zero_point", kQuantized},
                {"b", kQuantized},
                {"b_scale", kScales},
                {"b_zero_point", kQuantized},
                {"y_scale", kScales},
                {"y_zero_point", kQuantized}},
     .outputs = {{"y", kQuantized}}},
};

Status Infer(InferContext& context) { return InferMatMul(context, 0, 3, context.InputType(7)); }

// The operand times its scale: exact, since scales are the same along the summed axis and factor
// out of every sum only after it.
Result<std::vector<double>> RowOrColumnScale(const ReferenceContext& context, int index,
                                             const Shape& operand, int axis, int summed_axis) {
  Shape shape = operand;
  shape[summed_axis] = 1;
  return ExpandParameter(context, index, shape, axis);
}

Status Reference(ReferenceContext& context) {
  const Shape& a = context.Input(0).shape();
  const Shape& b = context.Input(3).shape();
  ASSAY_ASSIGN_OR_RETURN(const MatMulShape shape, ResolveMatMul(a, b));
  const int row_axis = std::max(0, a.rank() - 2);
  const int column_axis = b.rank() - 1;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> left, CenteredOperand(context, 0, 2, row_axis));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> right,
                         CenteredOperand(context, 3, 5, column_axis));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> left_scale,
                         RowOrColumnScale(context, 1, a, row_axis, a.rank() - 1));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> right_scale,
                         RowOrColumnScale(context, 4, b, column_axis, std::max(0, b.rank() - 2)));
  const int last = std::max(0, shape.output.rank() - 1);
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> scale,
                         ExpandParameter(context, 6, shape.output, last));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> zero,
                         ExpandParameter(context, 7, shape.output, last));
  std::vector<double> sums(static_cast<size_t>(shape.output.elements()));
  MultiplyStacks(shape, left.data(), right.data(), sums.data(), context.threads());
  for (size_t product = 0; product < shape.left_offsets.size(); ++product) {
    const int64_t rows_before = shape.left_offsets[product] / std::max<int64_t>(1, shape.depth);
    const int64_t columns_before = shape.right_offsets[product] / std::max<int64_t>(1, shape.depth);
    for (int64_t i = 0; i < shape.rows; ++i) {
      for (int64_t j = 0; j < shape.columns; ++j) {
        const auto at = (static_cast<int64_t>(product) * shape.rows + i) * shape.columns + j;
        sums[static_cast<size_t>(at)] *= left_scale[static_cast<size_t>(rows_before + i)] *
                                         right_scale[static_cast<size_t>(columns_before + j)] /
                                         scale[static_cast<size_t>(at)];
      }
    }
  }
  return StoreQuantized(sums, zero, context.AllocateOutput(0, shape.output));
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor half = Tensor::Scalar<float>(0.5F);
  cases.push_back({.name = "rounds_ties_to_even_before_the_zero_point",
                   .opset = 10,
                   .inputs = {Tensor::Of<uint8_t>({1, 2}, {3, 5}), half, Tensor::Scalar<uint8_t>(2),
                              Tensor::Of<uint8_t>({2, 2}, {1, 2, 0, 1}), half,
                              Tensor::Scalar<uint8_t>(0), half, Tensor::Scalar<uint8_t>(1)},
                   // Sums 1 and 5, times 1/2: 0.5 and 2.5.
                   .expected = {Tensor::Of<uint8_t>({1, 2}, {1, 3})}});
  cases.push_back({.name = "saturates",
                   .inputs = {Tensor::Of<int8_t>({1, 1}, {100}), Tensor::Scalar<float>(1),
                              Tensor::Scalar<int8_t>(0), Tensor::Of<int8_t>({1, 2}, {100, -100}),
                              Tensor::Scalar<float>(1), Tensor::Scalar<int8_t>(0),
                              Tensor::Scalar<float>(1), Tensor::Scalar<int8_t>(0)},
                   .output_types = {DType::kInt8},
                   .expected = {Tensor::Of<int8_t>({1, 2}, {127, -128})}});
  cases.push_back(
      {.name = "scales_per_row_and_column",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {10, 20}), Tensor::Vector<float>({1, 0.5F}),
                  Tensor::Vector<uint8_t>({0, 10}), Tensor::Of<uint8_t>({1, 2}, {1, 2}),
                  Tensor::Vector<float>({1, 2}), Tensor::Vector<uint8_t>({0, 0}),
                  Tensor::Scalar<float>(1), Tensor::Scalar<uint8_t>(0)},
       .expected = {Tensor::Of<uint8_t>({2, 2}, {10, 40, 5, 20})}});
  cases.push_back(
      {.name = "stack_with_scales_per_row",
       .inputs = {Tensor::Of<uint8_t>({2, 1, 1}, {10, 20}), Tensor::Of<float>({2, 1, 1}, {1, 0.5F}),
                  Tensor::Of<uint8_t>({2, 1, 1}, {0, 0}), Tensor::Of<uint8_t>({2, 1, 1}, {1, 2}),
                  Tensor::Of<float>({2, 1, 1}, {1, 2}), Tensor::Of<uint8_t>({2, 1, 1}, {0, 0}),
                  Tensor::Scalar<float>(2), Tensor::Scalar<uint8_t>(3)},
       .expected = {Tensor::Of<uint8_t>({2, 1, 1}, {8, 23})}});
}

}  // namespace

extern const OpDef kQLinearMatMul;
const OpDef kQLinearMatMul = {.name = "QLinearMatMul",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
