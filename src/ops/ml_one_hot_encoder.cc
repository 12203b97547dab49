#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/ml_encoding.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes | kStrings}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {OptionalAttribute("cats_int64s", AttributeKind::kInts),
                    OptionalAttribute("cats_strings", AttributeKind::kStrings),
                    IntAttribute("zeros", 1)}},
};

Result<Tensor> Categories(const OpContext& context, DType input) {
  ASSAY_ASSIGN_OR_RETURN(const ClassLabels labels,
                         ClassLabelsOf(context, "cats_int64s", "cats_strings"));
  const bool wants_strings = input == DType::kString;
  if (labels.size() == 0 || wants_strings != (labels.dtype() == DType::kString)) {
    return OpContext::Invalid(
        fmt::format("attribute \"{}\": expected categories for a tensor of {}",
                    wants_strings ? "cats_strings" : "cats_int64s", DTypeName(input)));
  }
  return wants_strings ? Tensor::Vector(labels.strings) : Tensor::Vector(labels.integers);
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor categories, Categories(context, context.InputType(0)));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) {
    shape = *input;
    shape->emplace_back(categories.elements());
  }
  context.SetOutput(0, DType::kFloat32, std::move(shape));
  return OkStatus();
}

// Floats stand for the integers that truncation makes of them; what has none is no category.
Tensor Truncated(const Tensor& floats) {
  std::vector<double> values(floats.data<double>().begin(), floats.data<double>().end());
  for (double& value : values) value = std::trunc(value);
  return Tensor::Of<double>(floats.shape(), values);
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(Tensor categories, Categories(context, context.DeclaredInput(0)));
  const int64_t depth = categories.elements();
  const bool floating = input.dtype() == DType::kFloat64;
  if (floating) {
    ASSAY_ASSIGN_OR_RETURN(categories, ConvertTensor(categories, DType::kFloat64));
  }
  const std::vector<int64_t> places =
      KeyIndex(categories).Find(floating ? Truncated(input) : input, context.threads());
  const auto missing = std::find(places.begin(), places.end(), -1);
  if (missing != places.end() && context.Int("zeros") == 0) {
    return OpContext::Invalid(
        fmt::format("X: expected known categories alone, as \"zeros\" is 0, "
                    "got another as element {}",
                    missing - places.begin()));
  }
  Shape shape = input.shape();
  shape.dims().push_back(depth);
  if (!shape.CheckedElements()) return OpContext::Invalid("the result is too large");
  const auto out = context.AllocateOutput(0, shape).mutable_data<double>();
  std::fill(out.begin(), out.end(), 0.0);
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] >= 0) out[i * static_cast<size_t>(depth) + static_cast<size_t>(places[i])] = 1;
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute integers{"cats_int64s", std::vector<int64_t>{1, 2, -1}};
  const Attribute strings{"cats_strings", std::vector<std::string>{"a", "b"}};
  cases.push_back({.name = "floats_are_truncated",
                   .attributes = {integers},
                   .inputs = {Tensor::Vector<double>({1, 2.7, -1.5, 0.9, kNaN, kInfinity})},
                   .expected = {Tensor::Of<float>(
                       {6, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})}});
  cases.push_back({.name = "strings",
                   .attributes = {strings},
                   .inputs = {Tensor::Of<std::string>({1, 2, 2}, {"b", "", "a", "B"})},
                   .expected = {Tensor::Of<float>({1, 2, 2, 2}, {0, 1, 0, 0, 1, 0, 0, 0})}});
  cases.push_back({.name = "all_known",
                   .attributes = {integers, {"zeros", int64_t{0}}},
                   .inputs = {Tensor::Of<int32_t>({2, 1}, {-1, 2})},
                   .expected = {Tensor::Of<float>({2, 1, 3}, {0, 0, 1, 0, 1, 0})}});
  cases.push_back({.name = "last_of_equal_categories",
                   .attributes = {{"cats_int64s", std::vector<int64_t>{1, 2, 1}}},
                   .inputs = {Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Vector<float>({0, 0, 1})}});
  cases.push_back({.name = "empty",
                   .attributes = {strings},
                   .inputs = {Tensor::Of<std::string>({0}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlOneHotEncoder;
const OpDef kMlOneHotEncoder = {.name = "OneHotEncoder",
                                .domain = kMlDomain,
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
