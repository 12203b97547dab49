#include <algorithm>
#include <cmath>

#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1, .inputs = {{"X", kBasicFloats}}, .outputs = {{"Y", kBasicFloats}}},
};

Status NotSquare(const std::string& shape) {
  return OpContext::Invalid("X: expected square matrices, got shape " + shape);
}

Status Infer(InferContext& context) {
  if (const SymbolicShape* shape = context.InputShape(0)) {
    const size_t rank = shape->size();
    if (rank < 2) return NotSquare(ToString(*shape));
    const Dim& rows = (*shape)[rank - 2];
    const Dim& columns = (*shape)[rank - 1];
    if (rows.IsKnown() && columns.IsKnown() && rows.value() != columns.value()) {
      return NotSquare(ToString(*shape));
    }
  }
  context.CopyInput(0, 0);
  return OkStatus();
}

// Gauss-Jordan elimination with partial pivoting; `matrix` is used up. A singular matrix divides by
// zero and gives values that are not finite.
void Invert(double* matrix, double* inverse, int64_t n) {
  for (int64_t i = 0; i < n * n; ++i) inverse[i] = i / n == i % n ? 1 : 0;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::fabs(matrix[i * n + k]) > std::fabs(matrix[pivot * n + k])) pivot = i;
    }
    if (pivot != k) {
      std::swap_ranges(matrix + k * n, matrix + (k + 1) * n, matrix + pivot * n);
      std::swap_ranges(inverse + k * n, inverse + (k + 1) * n, inverse + pivot * n);
    }
    const double diagonal = matrix[k * n + k];
    for (int64_t j = 0; j < n; ++j) {
      matrix[k * n + j] /= diagonal;
      inverse[k * n + j] /= diagonal;
    }
    for (int64_t i = 0; i < n; ++i) {
      const double factor = matrix[i * n + k];
      if (i == k || factor == 0) continue;
      for (int64_t j = 0; j < n; ++j) {
        matrix[i * n + j] -= factor * matrix[k * n + j];
        inverse[i * n + j] -= factor * inverse[k * n + j];
      }
    }
  }
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const int rank = shape.rank();
  if (rank < 2 || shape[rank - 1] != shape[rank - 2]) return NotSquare(shape.ToString());
  const int64_t n = shape[rank - 1];
  const double* in = context.Doubles(0).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  context.threads().ParallelFor(shape.elements(0, rank - 2), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::vector<double> matrix(in + i * n * n, in + (i + 1) * n * n);
      Invert(matrix.data(), out + i * n * n, n);
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "two_matrices_that_need_pivots",
       .inputs = {Tensor::Of<double>({2, 2, 2}, {0, 2, 4, 0, 1, 2, 3, 4})},
       .expected = {Tensor::Of<double>({2, 2, 2}, {0, 0.25, 0.5, 0, -2, 1, 1.5, -0.5})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 3, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 3, 3}, {})}});
}

}  // namespace

extern const OpDef kMicrosoftInverse;
const OpDef kMicrosoftInverse = {.name = "Inverse",
                                 .domain = kMicrosoftDomain,
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
