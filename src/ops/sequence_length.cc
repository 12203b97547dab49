#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"input_sequence", kAllTypes, Arity::kRequired, kSequenceKind}},
     .outputs = {{"length", kInt64Only}}},
};

Status Infer(InferContext& context) {
  context.SetOutput(0, DType::kInt64, SymbolicShape{});
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const size_t length = context.InputValue(0).sequence().size();
  context.SetOutput(0, Tensor::Scalar(static_cast<int64_t>(length)));
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceLength;
const OpDef kSequenceLength = {.name = "SequenceLength",
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .moves_values = true};

}  // namespace assay
