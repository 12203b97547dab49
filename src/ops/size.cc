#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {13, 19, 21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"size", kInt64Only}}},
};

Status Infer(InferContext& context) {
  context.SetOutput(0, DType::kInt64, SymbolicShape());
  if (const SymbolicShape* shape = context.InputShape(0)) {
    Dim product = 1;
    for (const Dim& dim : *shape) product = product * dim;
    context.SetOutputContents(0, {product});
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  context.SetOutput(0, Tensor::Scalar<int64_t>(context.Input(0).elements()));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "matrix",
                   .inputs = {Tensor::Zeros(DType::kFloat32, {2, 3})},
                   .expected = {Tensor::Scalar<int64_t>(6)}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Zeros(DType::kFloat32, {0, 3})},
                   .expected = {Tensor::Scalar<int64_t>(0)}});
}

}  // namespace

extern const OpDef kSize;
const OpDef kSize = {
    .name = "Size", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
