#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11, .also_since = {22}, .inputs = {{"X", kFloats}}, .outputs = {{"Y", kFloats}}},
};

Status NotSquare(const std::string& shape) {
  return OpContext::Invalid("X: expected square matrices, got shape " + shape);
}

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    const size_t rank = shape->size();
    if (rank < 2) return NotSquare(ToString(*shape));
    const Dim& rows = (*shape)[rank - 2];
    const Dim& columns = (*shape)[rank - 1];
    if (rows.IsKnown() && columns.IsKnown() && rows.value() != columns.value()) {
      return NotSquare(ToString(*shape));
    }
    output = SymbolicShape(shape->begin(), shape->end() - 2);
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// Gaussian elimination with partial pivoting; the matrix is used up.
double Determinant(double* matrix, int64_t n) {
  double determinant = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::fabs(matrix[i * n + k]) > std::fabs(matrix[pivot * n + k])) pivot = i;
    }
    if (pivot != k) {
      for (int64_t j = k; j < n; ++j) std::swap(matrix[k * n + j], matrix[pivot * n + j]);
      determinant = -determinant;
    }
    const double diagonal = matrix[k * n + k];
    determinant *= diagonal;
    if (diagonal == 0) return determinant;
    for (int64_t i = k + 1; i < n; ++i) {
      const double factor = matrix[i * n + k] / diagonal;
      for (int64_t j = k + 1; j < n; ++j) matrix[i * n + j] -= factor * matrix[k * n + j];
    }
  }
  return determinant;
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const int rank = shape.rank();
  if (rank < 2 || shape[rank - 1] != shape[rank - 2]) return NotSquare(shape.ToString());
  const int64_t n = shape[rank - 1];
  Shape output(std::vector<int64_t>(shape.begin(), shape.end() - 2));
  const std::span<const double> in = context.Doubles(0);
  const auto out = context.AllocateOutput(0, output).mutable_data<double>();
  std::vector<double> matrix(static_cast<size_t>(n * n));
  for (size_t i = 0; i < out.size(); ++i) {
    const auto begin = in.begin() + static_cast<std::ptrdiff_t>(i * matrix.size());
    std::copy_n(begin, matrix.size(), matrix.begin());
    out[i] = Determinant(matrix.data(), n);
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  cases.push_back({.name = "two_by_two",
                   .inputs = {Tensor::Of<float>({2, 2}, {0, 1, 2, 3})},
                   .expected = {Tensor::Scalar<float>(-2)}});
  cases.push_back({.name = "stack_opset11",
                   .opset = 11,
                   .inputs = {Tensor::Of<float>({3, 2, 2}, {1, 2, 3, 4, 1, 2, 2, 1, 1, 3, 3, 1})},
                   .expected = {Tensor::Of<float>({3}, {-2, -3, -8})}});
  cases.push_back({.name = "three_by_three_with_exchanges",
                   .inputs = {Tensor::Of<float>({3, 3}, {0, 2, 1, 4, 0, -1, 2, 3, 5})},
                   .expected = {Tensor::Scalar<float>(-32)}});
  cases.push_back({.name = "singular",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 2, 2, 4})},
                   .expected = {Tensor::Scalar<float>(0)}});
  cases.push_back({.name = "nan",
                   .inputs = {Tensor::Of<double>({2, 2}, {1, nan, 2, 4})},
                   .expected = {Tensor::Scalar<double>(nan)}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({2, 0, 0}, {})},
                   .expected = {Tensor::Of<float>({2}, {1, 1})}});
}

}  // namespace

extern const OpDef kDet;
const OpDef kDet = {
    .name = "Det", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
