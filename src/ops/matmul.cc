#include <limits>

#include "ops/integer_product.h"
#include "ops/matmul_shape.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {9, 13},
     .inputs = {{"A", kTypes}, {"B", kTypes}},
     .outputs = {{"Y", kTypes}}},
};

Status Infer(InferContext& context) { return InferMatMul(context, 0, 1, context.InputType(0)); }

template <typename T>
void MultiplyIntegers(ReferenceContext& context, const MatMulShape& shape) {
  const T* left = context.Input(0).data<T>().data();
  const T* right = context.Input(1).data<T>().data();
  T* result = context.AllocateOutput(0, shape.output).mutable_data<T>().data();
  for (size_t product = 0; product < shape.left_offsets.size(); ++product) {
    IntegerProduct<T>{.rows = shape.rows,
                      .columns = shape.columns,
                      .depth = shape.depth,
                      .left = left + shape.left_offsets[product],
                      .left_row = shape.depth,
                      .right = right + shape.right_offsets[product],
                      .right_row = shape.columns,
                      .result = result + static_cast<int64_t>(product) * shape.rows * shape.columns}
        .Run(context.threads());
  }
}

Status Reference(ReferenceContext& context) {
  const Tensor& a = context.Input(0);
  const Tensor& b = context.Input(1);
  ASSAY_ASSIGN_OR_RETURN(const MatMulShape shape, ResolveMatMul(a.shape(), b.shape()));
  if (a.dtype() == DType::kFloat64) {
    const auto out = context.AllocateOutput(0, shape.output).mutable_data<double>();
    MultiplyStacks(shape, context.Doubles(0).data(), context.Doubles(1).data(), out.data(),
                   context.threads());
    return OkStatus();
  }
  DispatchInteger(a.dtype(), [&]<typename T>() { MultiplyIntegers<T>(context, shape); });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back({.name = "matrices",
                   .inputs = {Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6}),
                              Tensor::Of<float>({3, 2}, {7, 8, 9, 10, 11, 12})},
                   .expected = {Tensor::Of<float>({2, 2}, {58, 64, 139, 154})}});
  cases.push_back({.name = "vector_by_vector",
                   .inputs = {Tensor::Of<float>({3}, {1, 2, 3}), Tensor::Of<float>({3}, {4, 5, 6})},
                   .expected = {Tensor::Scalar<float>(32)}});
  cases.push_back({.name = "vector_by_stack",
                   .inputs = {Tensor::Of<float>({2}, {1, 10}),
                              Tensor::Of<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})},
                   .expected = {Tensor::Of<float>({2, 2}, {31, 42, 75, 86})}});
  cases.push_back({.name = "stack_by_vector",
                   .inputs = {Tensor::Of<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              Tensor::Of<float>({2}, {1, 10})},
                   .expected = {Tensor::Of<float>({2, 2}, {21, 43, 65, 87})}});
  cases.push_back({.name = "batches_broadcast",
                   .inputs = {Tensor::Of<float>({2, 1, 1, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({3, 2, 1}, {1, 1, 2, 0, 0, 5})},
                   .expected = {Tensor::Of<float>({2, 3, 1, 1}, {3, 2, 10, 7, 6, 20})}});
  cases.push_back({.name = "one_right_matrix_for_all",
                   .inputs = {Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({1, 2, 2}, {1, 0, 0, 10})},
                   .expected = {Tensor::Of<float>({2, 1, 2}, {1, 20, 3, 40})}});
  cases.push_back({.name = "empty_depth_gives_zeros",
                   .inputs = {Tensor::Of<float>({2, 0}, {}), Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({2, 2}, {0, 0, 0, 0})}});
  cases.push_back(
      {.name = "empty_batch",
       .inputs = {Tensor::Of<float>({0, 2, 3}, {}), Tensor::Of<float>({3, 1}, {1, 2, 3})},
       .expected = {Tensor::Of<float>({0, 2, 1}, {})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({3, 2}, {inf, 0, nan, 1, inf, -inf}),
                              Tensor::Of<double>({2, 1}, {1, 1})},
                   .expected = {Tensor::Of<double>({3, 1}, {inf, nan, nan})}});
  cases.push_back({.name = "int32_wraps",
                   .inputs = {Tensor::Of<int32_t>({1, 2}, {65536, 3}),
                              Tensor::Of<int32_t>({2, 1}, {65536, -2})},
                   .expected = {Tensor::Of<int32_t>({1, 1}, {-6})}});
  cases.push_back({.name = "int64_beyond_float64",
                   .inputs = {Tensor::Of<int64_t>({1, 2}, {9007199254740993, 1}),
                              Tensor::Of<int64_t>({2, 1}, {1, 1})},
                   .expected = {Tensor::Of<int64_t>({1, 1}, {9007199254740994})}});
}

}  // namespace

extern const OpDef kMatMul;
const OpDef kMatMul = {
    .name = "MatMul", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
