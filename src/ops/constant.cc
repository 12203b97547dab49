#include <string>
#include <vector>

#include "ir/constant_attribute.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

// Sparse values are made dense when a model is read.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {9},
     .outputs = {{"output", kBasicTypes}},
     .attributes = {RequiredAttribute("value", AttributeKind::kTensor)}},
    {.since = 11,
     .outputs = {{"output", kBasicTypes}},
     .attributes = {OptionalAttribute("value", AttributeKind::kTensor)}},
    {.since = 12,
     .also_since = {13, 19, 21, 23, 24, 25},
     .outputs = {{"output", kTypesOfOpset25}},
     .attributes = {OptionalAttribute("value", AttributeKind::kTensor),
                    OptionalAttribute("value_float", AttributeKind::kFloat),
                    OptionalAttribute("value_floats", AttributeKind::kFloats),
                    OptionalAttribute("value_int", AttributeKind::kInt),
                    OptionalAttribute("value_ints", AttributeKind::kInts),
                    OptionalAttribute("value_string", AttributeKind::kString),
                    OptionalAttribute("value_strings", AttributeKind::kStrings)}},
};

Result<Tensor> ConstantValue(const OpContext& context) {
  if (context.node().attributes.size() != 1) {
    return OpContext::Invalid("attributes: expected exactly one value, got " +
                              std::to_string(context.node().attributes.size()));
  }
  const Attribute& attribute = context.node().attributes[0];
  if (std::optional<Tensor> value = ConstantOf(attribute)) return *std::move(value);
  return OpContext::Invalid("attribute \"" + attribute.name + "\": expected a value");
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor value, ConstantValue(context));
  context.SetOutput(0, value.dtype(), ToSymbolic(value.shape()));
  if (IsInteger(value.dtype()) && value.shape().rank() <= 1) {
    std::vector<Dim> contents;
    for (int64_t i = 0; i < value.elements(); ++i) contents.emplace_back(value.ValueAsInt(i));
    context.SetOutputContents(0, std::move(contents));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(Tensor value, ConstantValue(context));
  if (IsFloating(value.dtype())) {
    ASSAY_ASSIGN_OR_RETURN(value, ConvertTensor(value, DType::kFloat64));
  }
  context.SetOutput(0, std::move(value));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "value",
                   .opset = 1,
                   .attributes = {{"value", Tensor::Of<float>({2, 1}, {1.5F, -2})}},
                   .expected = {Tensor::Of<float>({2, 1}, {1.5F, -2})}});
  cases.push_back({.name = "value_bool",
                   .opset = 11,
                   .attributes = {{"value", Tensor::Scalar<bool>(true)}},
                   .expected = {Tensor::Scalar<bool>(true)}});
  cases.push_back({.name = "value_float",
                   .attributes = {{"value_float", 0.5F}},
                   .expected = {Tensor::Scalar<float>(0.5F)}});
  cases.push_back({.name = "value_floats",
                   .opset = 12,
                   .attributes = {{"value_floats", std::vector<float>{1, 2.5F}}},
                   .expected = {Tensor::Vector<float>({1, 2.5F})}});
  cases.push_back({.name = "value_int",
                   .attributes = {{"value_int", int64_t{-7}}},
                   .expected = {Tensor::Scalar<int64_t>(-7)}});
  cases.push_back({.name = "value_ints",
                   .attributes = {{"value_ints", std::vector<int64_t>{}}},
                   .expected = {Tensor::Vector<int64_t>({})}});
  cases.push_back({.name = "value_string",
                   .attributes = {{"value_string", "text"}},
                   .expected = {Tensor::Scalar<std::string>("text")}});
  cases.push_back({.name = "value_strings",
                   .attributes = {{"value_strings", std::vector<std::string>{"a", "b"}}},
                   .expected = {Tensor::Vector<std::string>({"a", "b"})}});
}

}  // namespace

extern const OpDef kConstant;
const OpDef kConstant = {.name = "Constant",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
