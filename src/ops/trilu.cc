#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 14,
     .inputs = {{"input", kAllTypes}, {"k", kInt64Only, Arity::kOptional}},
     .outputs = {{"output", kAllTypes}},
     .attributes = {IntAttribute("upper", 1)}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const Shape& shape = input.shape();
  if (shape.rank() < 2) return OpContext::Invalid("input: expected rank at least 2");
  const bool upper = context.Int("upper") != 0;
  const int64_t rows = shape[shape.rank() - 2];
  const int64_t columns = shape[shape.rank() - 1];
  // Diagonals beyond the matrix are all alike, so k may be clamped before it is added to a row.
  const int64_t k = context.HasInput(1) && context.Input(1).elements() > 0
                        ? std::clamp(context.Input(1).ValueAsInt(0), -rows - 1, columns + 1)
                        : 0;
  const ElementBuffer source(input);
  ElementBuffer target(input.dtype(), shape);
  const int64_t matrices = shape.elements(0, shape.rank() - 2);
  for (int64_t row = 0; row < matrices * rows; ++row) {
    const int64_t diagonal = row % std::max<int64_t>(rows, 1) + k;
    // Kept: columns >= diagonal (upper) or <= diagonal (lower).
    const int64_t split = std::clamp<int64_t>(upper ? diagonal : diagonal + 1, 0, columns);
    const int64_t start = row * columns;
    if (upper) {
      target.Clear(start, split);
      target.Copy(start + split, source, start + split, columns - split);
    } else {
      target.Copy(start, source, start, split);
      target.Clear(start + split, columns - split);
    }
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "upper",
                   .inputs = {data},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 2, 3, 0, 5, 6})}});
  cases.push_back({.name = "lower_above_diagonal",
                   .attributes = {{"upper", int64_t{0}}},
                   .inputs = {data, Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 2, 0, 4, 5, 6})}});
  cases.push_back({.name = "far_outside",
                   .inputs = {data, Tensor::Scalar<int64_t>(INT64_MAX)},
                   .expected = {Tensor::Zeros(DType::kFloat32, {2, 3})}});
}

}  // namespace

extern const OpDef kTrilu;
const OpDef kTrilu = {
    .name = "Trilu", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
