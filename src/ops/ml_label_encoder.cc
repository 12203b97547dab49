#include <fmt/format.h>

#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/ml_encoding.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypesOfVersion2 = kLabelTypes | kFloat32Only;
constexpr DTypeSet kTypesOfVersion4 =
    kTypesOfVersion2 | DTypeSet::Of(DType::kFloat64, DType::kInt32, DType::kInt16);

constexpr AttributeDef kDefaultFloat = FloatAttribute("default_float", -0.0F);
constexpr AttributeDef kDefaultInteger = IntAttribute("default_int64", -1);
constexpr AttributeDef kDefaultString = StringAttribute("default_string", "_Unused");
constexpr AttributeDef kKeysFloats = OptionalAttribute("keys_floats", AttributeKind::kFloats);
constexpr AttributeDef kKeysIntegers = OptionalAttribute("keys_int64s", AttributeKind::kInts);
constexpr AttributeDef kKeysStrings = OptionalAttribute("keys_strings", AttributeKind::kStrings);
constexpr AttributeDef kValuesFloats = OptionalAttribute("values_floats", AttributeKind::kFloats);
constexpr AttributeDef kValuesIntegers = OptionalAttribute("values_int64s", AttributeKind::kInts);
constexpr AttributeDef kValuesStrings =
    OptionalAttribute("values_strings", AttributeKind::kStrings);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kLabelTypes}},
     .outputs = {{"Y", kLabelTypes}},
     .attributes = {OptionalAttribute("classes_strings", AttributeKind::kStrings), kDefaultInteger,
                    kDefaultString}},
    {.since = 2,
     .inputs = {{"X", kTypesOfVersion2}},
     .outputs = {{"Y", kTypesOfVersion2}},
     .attributes = {kDefaultFloat, kDefaultInteger, kDefaultString, kKeysFloats, kKeysIntegers,
                    kKeysStrings, kValuesFloats, kValuesIntegers, kValuesStrings}},
    {.since = 4,
     .inputs = {{"X", kTypesOfVersion4}},
     .outputs = {{"Y", kTypesOfVersion4}},
     .attributes = {kDefaultFloat, kDefaultInteger, kDefaultString,
                    OptionalAttribute("default_tensor", AttributeKind::kTensor), kKeysFloats,
                    kKeysIntegers, kKeysStrings,
                    OptionalAttribute("keys_tensor", AttributeKind::kTensor), kValuesFloats,
                    kValuesIntegers, kValuesStrings,
                    OptionalAttribute("values_tensor", AttributeKind::kTensor)}},
};

// The one list among PREFIX_int64s, _strings, _floats and _tensor that the node gives.
Result<Tensor> OneList(const OpContext& context, const std::string& prefix) {
  std::vector<Tensor> given;
  if (context.HasAttribute(prefix + "_int64s")) {
    given.push_back(Tensor::Vector(context.Ints(prefix + "_int64s")));
  }
  if (context.HasAttribute(prefix + "_strings")) {
    given.push_back(Tensor::Vector(context.Strings(prefix + "_strings")));
  }
  if (context.HasAttribute(prefix + "_floats")) {
    given.push_back(Tensor::Vector(context.Floats(prefix + "_floats")));
  }
  if (const Tensor* tensor = context.TensorAttribute(prefix + "_tensor")) {
    given.push_back(*tensor);
  }
  if (given.size() == 1) return given[0];
  return OpContext::Invalid(
      fmt::format("attributes: expected one of {}_*, got {}", prefix, given.size()));
}

Result<Tensor> Fallback(const OpContext& context, DType dtype) {
  if (const Tensor* tensor = context.TensorAttribute("default_tensor")) {
    if (tensor->dtype() == dtype && tensor->elements() == 1) return *tensor;
    return OpContext::Invalid(fmt::format(
        "attribute \"default_tensor\": expected one {}, as the values are, got {} of {}",
        DTypeName(dtype), tensor->elements(), DTypeName(tensor->dtype())));
  }
  if (dtype == DType::kString) return Tensor::Scalar(context.String("default_string"));
  if (IsFloating(dtype))
    return ConvertTensor(Tensor::Scalar(context.Float("default_float")), dtype);
  return ConvertTensor(Tensor::Scalar(context.Int("default_int64")), dtype);
}

// The first version numbers a list of strings, and translates both ways.
Encoding FirstEncoding(const OpContext& context, bool from_strings) {
  const Tensor strings = Tensor::Vector(context.Strings("classes_strings"));
  std::vector<int64_t> numbers(static_cast<size_t>(strings.elements()));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Tensor integers = Tensor::Vector(numbers);
  if (from_strings) return {strings, integers, Tensor::Scalar(context.Int("default_int64"))};
  return {integers, strings, Tensor::Scalar(context.String("default_string"))};
}

Result<Encoding> EncodingOf(const OpContext& context, DType input) {
  if (context.schema().since == 1) return FirstEncoding(context, input == DType::kString);
  Encoding encoding;
  ASSAY_ASSIGN_OR_RETURN(encoding.keys, OneList(context, "keys"));
  ASSAY_ASSIGN_OR_RETURN(encoding.values, OneList(context, "values"));
  if (encoding.keys.dtype() != input) {
    return OpContext::Invalid(fmt::format("element type: expected {}, as the keys are, got {}",
                                          DTypeName(encoding.keys.dtype()), DTypeName(input)));
  }
  if (!kTypesOfVersion4.Contains(encoding.values.dtype())) {
    return OpContext::Unsupported(
        fmt::format("values of type {}", DTypeName(encoding.values.dtype())));
  }
  if (encoding.keys.elements() != encoding.values.elements()) {
    return OpContext::Invalid(
        fmt::format("attributes: expected as many values as keys ({}), got {}",
                    encoding.keys.elements(), encoding.values.elements()));
  }
  ASSAY_ASSIGN_OR_RETURN(encoding.fallback, Fallback(context, encoding.values.dtype()));
  return encoding;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Encoding encoding, EncodingOf(context, context.InputType(0)));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) shape = *input;
  context.SetOutput(0, encoding.values.dtype(), std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Encoding encoding, EncodingOf(context, context.DeclaredInput(0)));
  return Encode(context, encoding);
}

using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;
using Floats = std::vector<float>;

void AddFirstVersions(std::vector<OpCase>& cases) {
  const Attribute classes{"classes_strings", Strings{"a", "b", "c"}};
  cases.push_back({.name = "version_1_strings",
                   .opset = 1,
                   .attributes = {classes, {"default_int64", int64_t{-7}}},
                   .inputs = {Tensor::Of<std::string>({2, 2}, {"c", "a", "", "b"})},
                   .expected = {Tensor::Of<int64_t>({2, 2}, {2, 0, -7, 1})}});
  cases.push_back({.name = "version_1_integers",
                   .opset = 1,
                   .attributes = {classes},
                   .inputs = {Tensor::Vector<int64_t>({2, -1, 0, 3})},
                   .expected = {Tensor::Vector<std::string>({"c", "_Unused", "a", "_Unused"})}});
  cases.push_back({.name = "version_2_floats",
                   .opset = 2,
                   .attributes = {{"keys_floats", Floats{1, 0.5F}},
                                  {"values_strings", Strings{"one", "half"}},
                                  {"default_string", std::string("?")}},
                   .inputs = {Tensor::Vector<float>({0.5F, 1, 2})},
                   .expected = {Tensor::Vector<std::string>({"half", "one", "?"})}});
  cases.push_back({.name = "version_2_to_floats",
                   .opset = 2,
                   .attributes = {{"keys_int64s", Ints{3, 4}}, {"values_floats", Floats{30, 40}}},
                   .inputs = {Tensor::Scalar<int64_t>(5)},
                   .expected = {Tensor::Scalar<double>(-0.0)}});
}

void Cases(std::vector<OpCase>& cases) {
  AddFirstVersions(cases);
  cases.push_back({.name = "nan_is_a_key",
                   .attributes = {{"keys_floats", Floats{static_cast<float>(kNaN), 0}},
                                  {"values_int64s", Ints{5, 6}},
                                  {"default_int64", int64_t{0}}},
                   .inputs = {Tensor::Vector<float>({static_cast<float>(-kNaN), -0.0F, 1})},
                   .expected = {Tensor::Vector<int64_t>({5, 6, 0})}});
  cases.push_back({.name = "last_of_equal_keys",
                   .attributes = {{"keys_strings", Strings{"a", "b", "a"}},
                                  {"values_floats", Floats{1, 2, 3}},
                                  {"default_float", 0.5F}},
                   .inputs = {Tensor::Vector<std::string>({"a", "b", "c"})},
                   .expected = {Tensor::Vector<float>({3, 2, 0.5F})}});
  cases.push_back({.name = "tensors",
                   .attributes = {{"keys_tensor", Tensor::Vector<double>({0.1, 0.2})},
                                  {"values_tensor", Tensor::Vector<int16_t>({-300, 300})},
                                  {"default_tensor", Tensor::Vector<int16_t>({7})}},
                   .inputs = {Tensor::Vector<double>({0.2, 0.1, 0.3})},
                   .expected = {Tensor::Vector<int16_t>({300, -300, 7})}});
  cases.push_back({.name = "tensors_without_default",
                   .attributes = {{"keys_tensor", Tensor::Vector<int32_t>({1, 2})},
                                  {"values_tensor", Tensor::Vector<int32_t>({10, 20})}},
                   .inputs = {Tensor::Vector<int32_t>({2, 3})},
                   .expected = {Tensor::Vector<int32_t>({20, -1})}});
  cases.push_back({.name = "tensors_of_strings",
                   .attributes = {{"keys_tensor", Tensor::Vector<std::string>({"x"})},
                                  {"values_tensor", Tensor::Vector<std::string>({"y"})}},
                   .inputs = {Tensor::Vector<std::string>({"x", "z"})},
                   .expected = {Tensor::Vector<std::string>({"y", "_Unused"})}});
  cases.push_back({.name = "empty",
                   .attributes = {{"keys_int64s", Ints{}}, {"values_int64s", Ints{}}},
                   .inputs = {Tensor::Of<int64_t>({0, 2}, {})},
                   .expected = {Tensor::Of<int64_t>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlLabelEncoder;
const OpDef kMlLabelEncoder = {.name = "LabelEncoder",
                               .domain = kMlDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
