#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11, 13, 16, 19, 21, 23, 24, 25},
     .inputs = {{"cond", kBools}},
     .outputs = {{"outputs", kAllTypes, Arity::kVariadic, kAnyKind}},
     .attributes = {RequiredAttribute("then_branch", AttributeKind::kGraph),
                    RequiredAttribute("else_branch", AttributeKind::kGraph)}},
};

Result<std::vector<ValueType>> InferBranch(InferContext& context, std::string_view name) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<ValueType> types, context.InferBody(name, {}));
  if (types.size() != static_cast<size_t>(context.output_count())) {
    return OpContext::Invalid(fmt::format("outputs of the graph \"{}\": expected {}, got {}", name,
                                          context.output_count(), types.size()));
  }
  return types;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<ValueType> types, InferBranch(context, "then_branch"));
  ASSAY_ASSIGN_OR_RETURN(std::vector<ValueType> others, InferBranch(context, "else_branch"));
  const Tensor* condition = context.ConstantInput(0);
  const bool is_decided = condition != nullptr && condition->elements() == 1;
  for (size_t i = 0; i < types.size(); ++i) {
    const std::optional<ValueType> common = CommonType(types[i], others[i]);
    if (!common) {
      return OpContext::Invalid(fmt::format("output {}: then_branch gives {}, else_branch {}", i,
                                            types[i].ToString(), others[i].ToString()));
    }
    ValueType type = *common;
    if (is_decided) type = condition->ValueAsInt(0) != 0 ? types[i] : others[i];
    context.SetOutputType(static_cast<int>(i), std::move(type));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& condition = context.Input(0);
  if (condition.elements() != 1) {
    return OpContext::Invalid(
        fmt::format("shape of cond: expected one element, got {}", condition.shape().ToString()));
  }
  const std::string_view branch = condition.ValueAsInt(0) != 0 ? "then_branch" : "else_branch";
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs, context.RunBody(branch, {}));
  for (size_t i = 0; i < outputs.size(); ++i) {
    context.SetOutput(static_cast<int>(i), std::move(outputs[i]));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kIf;
const OpDef kIf = {.name = "If",
                   .schemas = kSchemas,
                   .infer = Infer,
                   .reference = Reference,
                   .moves_values = true};

}  // namespace assay
