#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFeatureTypes}},
     .attributes = {OptionalAttribute("imputed_value_floats", AttributeKind::kFloats),
                    OptionalAttribute("imputed_value_int64s", AttributeKind::kInts),
                    FloatAttribute("replaced_value_float", 0),
                    IntAttribute("replaced_value_int64", 0)}},
};

Status CheckAttributes(const OpContext& context, DType dtype, const SymbolicShape* shape) {
  const bool floating = IsFloating(dtype);
  const std::vector<int64_t> integers = context.Ints("imputed_value_int64s");
  const size_t count = floating ? context.Floats("imputed_value_floats").size() : integers.size();
  const std::string_view name = floating ? "imputed_value_floats" : "imputed_value_int64s";
  if (count == 0) {
    return OpContext::Invalid(fmt::format("attribute \"{}\": expected values for a tensor of {}",
                                          name, DTypeName(dtype)));
  }
  for (int64_t value : floating ? std::vector<int64_t>() : integers) {
    const IntegerRange range = IntegerRangeOf(dtype);
    if (value >= range.min && value <= range.max) continue;
    return OpContext::Invalid(fmt::format("attribute \"{}\": expected values of {}, got {}", name,
                                          DTypeName(dtype), value));
  }
  if (count == 1 || shape == nullptr) return OkStatus();
  const auto length = static_cast<int64_t>(count);
  const bool fits = !shape->empty() && shape->back().MaybeValue().value_or(length) == length;
  if (fits) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected one value or one for each feature of {}, got {}",
                  name, ToString(*shape), count));
}

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  return CheckAttributes(context, context.InputType(0), context.InputShape(0));
}

template <typename T, typename Matches>
void Impute(ReferenceContext& context, const std::vector<T>& values, Matches matches) {
  const Tensor& input = context.Input(0);
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename Element>() {
    const auto in = input.data<Element>();
    const auto out = context.AllocateOutput(0, input.shape()).template mutable_data<Element>();
    context.threads().ParallelFor(
        input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
          for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
            out[i] = matches(static_cast<T>(in[i]))
                         ? static_cast<Element>(values[i % values.size()])
                         : in[i];
          }
        });
  });
  static_cast<void>(known);  // the schema permits nothing else
}

Status Reference(ReferenceContext& context) {
  const SymbolicShape shape = ToSymbolic(context.Input(0).shape());
  ASSAY_RETURN_IF_ERROR(CheckAttributes(context, context.DeclaredInput(0), &shape));
  if (IsFloating(context.DeclaredInput(0))) {
    const double replaced = context.Float("replaced_value_float");
    Impute<double>(context, Doubles(context, "imputed_value_floats"), [replaced](double x) {
      return std::isnan(replaced) ? std::isnan(x) : x == replaced;
    });
  } else {
    const int64_t replaced = context.Int("replaced_value_int64");
    Impute<int64_t>(context, context.Ints("imputed_value_int64s"),
                    [replaced](int64_t x) { return x == replaced; });
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  using Floats = std::vector<float>;
  using Ints = std::vector<int64_t>;
  cases.push_back({.name = "missing_values",
                   .attributes = {{"imputed_value_floats", Floats{7, 8}},
                                  {"replaced_value_float", static_cast<float>(kNaN)}},
                   .inputs = {Tensor::Of<double>({2, 2}, {1, kNaN, kNaN, 0})},
                   .expected = {Tensor::Of<double>({2, 2}, {1, 8, 7, 0})}});
  cases.push_back(
      {.name = "both_zeros",
       .attributes = {{"imputed_value_floats", Floats{7}}},
       .inputs = {Tensor::Of<float>({1, 2, 2}, {0, -0.0F, 1, static_cast<float>(kNaN)})},
       .expected = {Tensor::Of<double>({1, 2, 2}, {7, 7, 1, kNaN})}});
  cases.push_back({.name = "int64",
                   .attributes = {{"imputed_value_int64s", Ints{INT64_MAX, 9}},
                                  {"replaced_value_int64", int64_t{-1}}},
                   .inputs = {Tensor::Of<int64_t>({2, 2}, {-1, -1, 0, 5})},
                   .expected = {Tensor::Of<int64_t>({2, 2}, {INT64_MAX, 9, 0, 5})}});
  cases.push_back({.name = "int32",
                   .attributes = {{"imputed_value_int64s", Ints{4}}},
                   .inputs = {Tensor::Vector<int32_t>({0, 1})},
                   .expected = {Tensor::Vector<int32_t>({4, 1})}});
  cases.push_back({.name = "empty",
                   .attributes = {{"imputed_value_floats", Floats{1, 2}}},
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlImputer;
const OpDef kMlImputer = {.name = "Imputer",
                          .domain = kMlDomain,
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
