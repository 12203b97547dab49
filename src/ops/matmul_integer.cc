#include <algorithm>

#include "ops/matmul_shape.h"
#include "ops/op_def.h"
#include "ops/quantized_operand.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"A", kBytes},
                {"B", kBytes},
                {"a_zero_point", kBytes, Arity::kOptional},
                {"b_zero_point", kBytes, Arity::kOptional}},
     .outputs = {{"Y", DTypeSet::Of(DType::kInt32)}}},
};

Status Infer(InferContext& context) { return InferMatMul(context, 0, 1, DType::kInt32); }

Status Reference(ReferenceContext& context) {
  const Shape& a = context.Input(0).shape();
  const Shape& b = context.Input(1).shape();
  ASSAY_ASSIGN_OR_RETURN(const MatMulShape shape, ResolveMatMul(a, b));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> left,
                         CenteredOperand(context, 0, 2, std::max(0, a.rank() - 2)));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> right,
                         CenteredOperand(context, 1, 3, b.rank() - 1));
  std::vector<double> sums(static_cast<size_t>(shape.output.elements()));
  MultiplyStacks(shape, left.data(), right.data(), sums.data(), context.threads());
  StoreWrapped(sums, context.AllocateOutput(0, shape.output).mutable_data<int32_t>());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<uint8_t>({2, 3}, {11, 7, 3, 10, 6, 2});
  const Tensor b = Tensor::Of<uint8_t>({3, 2}, {1, 4, 2, 5, 3, 6});
  cases.push_back({.name = "without_zero_points",
                   .inputs = {a, b},
                   .expected = {Tensor::Of<int32_t>({2, 2}, {34, 97, 28, 82})}});
  cases.push_back({.name = "zero_point_below_the_range",
                   .inputs = {a, b, Tensor::Scalar<uint8_t>(12), Tensor::Scalar<uint8_t>(0)},
                   .expected = {Tensor::Of<int32_t>({2, 2}, {-38, -83, -44, -98})}});
  cases.push_back(
      {.name = "zero_points_per_row_and_column",
       .inputs = {a, b, Tensor::Vector<uint8_t>({11, 10}), Tensor::Vector<uint8_t>({1, 4})},
       .expected = {Tensor::Of<int32_t>({2, 2}, {-20, -20, -20, -20})}});
  cases.push_back(
      {.name = "signed_by_unsigned",
       .inputs = {Tensor::Of<int8_t>({1, 2}, {-128, 127}), Tensor::Of<uint8_t>({2, 1}, {255, 255}),
                  Tensor::Scalar<int8_t>(127), Tensor::Scalar<uint8_t>(0)},
       .expected = {Tensor::Of<int32_t>({1, 1}, {-65025})}});
  cases.push_back(
      {.name = "stack",
       .inputs = {Tensor::Of<int8_t>({2, 1, 2}, {1, 2, 3, 4}), Tensor::Of<int8_t>({2}, {-1, 1}),
                  Tensor::Of<int8_t>({2, 1, 1}, {1, 2})},
       .expected = {Tensor::Of<int32_t>({2, 1}, {1, 1})}});
}

}  // namespace

extern const OpDef kMatMulInteger;
const OpDef kMatMulInteger = {.name = "MatMulInteger",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
