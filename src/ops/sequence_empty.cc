#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .outputs = {{"output", kAllTypes, Arity::kRequired, kSequenceKind}},
     .attributes = {OptionalAttribute("dtype", AttributeKind::kInt)}},
};

Status Infer(InferContext& context) {
  DType dtype = DType::kFloat32;
  if (context.HasAttribute("dtype")) {
    const int64_t number = context.Int("dtype");
    if (number <= 0 || number >= kDTypeCount) {
      return OpContext::Invalid(
          fmt::format("attribute \"dtype\": expected an element type, got {}", number));
    }
    dtype = static_cast<DType>(number);
  }
  context.SetOutputType(0, SequenceOf(ValueType::TensorOf(dtype)));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  context.SetOutput(0, RuntimeValue::OfSequence({}));
  return OkStatus();
}

}  // namespace

extern const OpDef kSequenceEmpty;
const OpDef kSequenceEmpty = {.name = "SequenceEmpty",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .moves_values = true};

}  // namespace assay
