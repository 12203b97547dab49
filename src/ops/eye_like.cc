#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {22},
     .inputs = {{"input", kNumeric | kBools}},
     .outputs = {{"output", kNumeric | kBools}},
     .attributes = {OptionalAttribute("dtype", AttributeKind::kInt), IntAttribute("k", 0)}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  if (!context.HasAttribute("dtype")) return OkStatus();
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, static_cast<DType>(context.Int("dtype")),
                    shape == nullptr ? std::nullopt : std::optional<SymbolicShape>(*shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  if (shape.rank() != 2) {
    return OpContext::Invalid("input: expected a matrix, got shape " + shape.ToString());
  }
  const DType declared = context.DeclaredOutput(0);
  const int64_t k = context.Int("k");
  Tensor eye = Tensor::Zeros(DType::kFloat64, shape);
  for (int64_t row = 0; row < shape[0]; ++row) {
    // Written so that an extreme k cannot overflow.
    if (k >= -row && k < shape[1] - row) {
      eye.mutable_data<double>()[static_cast<size_t>(row * shape[1] + row + k)] = 1;
    }
  }
  if (!IsFloating(declared)) {
    ASSAY_ASSIGN_OR_RETURN(eye, ConvertTensor(eye, declared));
  }
  context.SetOutput(0, std::move(eye));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "off_diagonal_other_type",
       .attributes = {{"k", int64_t{1}}, {"dtype", static_cast<int64_t>(DType::kInt64)}},
       .inputs = {Tensor::Zeros(DType::kFloat32, {2, 3})},
       .expected = {Tensor::Of<int64_t>({2, 3}, {0, 1, 0, 0, 0, 1})}});
  cases.push_back({.name = "same_type",
                   .inputs = {Tensor::Zeros(DType::kFloat32, {2, 2})},
                   .expected = {Tensor::Of<float>({2, 2}, {1, 0, 0, 1})}});
}

}  // namespace

extern const OpDef kEyeLike;
const OpDef kEyeLike = {
    .name = "EyeLike", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
