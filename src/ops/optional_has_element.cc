#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 15,
     .inputs = {{"input", kAllTypes, Arity::kRequired, kOptionalKind}},
     .outputs = {{"output", kBools}}},
    {.since = 18,
     .also_since = {28},
     .inputs = {{"input", kAllTypes, Arity::kOptional, kAnyKind}},
     .outputs = {{"output", kBools}}},
};

Status Infer(InferContext& context) {
  context.SetOutput(0, DType::kBool, SymbolicShape{});
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const bool has = context.HasInput(0) && !context.InputValue(0).is_empty_optional();
  context.SetOutput(0, Tensor::Scalar<bool>(has));
  return OkStatus();
}

}  // namespace

extern const OpDef kOptionalHasElement;
const OpDef kOptionalHasElement = {.name = "OptionalHasElement",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .moves_values = true};

}  // namespace assay
