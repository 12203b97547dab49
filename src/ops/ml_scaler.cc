#include <fmt/format.h>

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
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {OptionalAttribute("offset", AttributeKind::kFloats),
                    OptionalAttribute("scale", AttributeKind::kFloats)}},
};

// One value for all elements, or one for each feature of [N, F] or [F].
Status CheckLengths(const OpContext& context, const SymbolicShape* shape) {
  const size_t offsets = context.Floats("offset").size();
  const size_t scales = context.Floats("scale").size();
  if (offsets == 0 || offsets != scales) {
    return OpContext::Invalid(
        fmt::format("attributes \"offset\" and \"scale\": expected one or more values in each, as "
                    "many in one as in the other, got {} and {}",
                    offsets, scales));
  }
  if (offsets == 1 || shape == nullptr) return OkStatus();
  const bool fits = shape->size() == 1 || shape->size() == 2;
  const auto length = static_cast<int64_t>(offsets);
  if (fits && shape->back().MaybeValue().value_or(length) == length) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attributes \"offset\" and \"scale\": expected one value or "
                  "one for each feature of {}, got {}",
                  ToString(*shape), offsets));
}

Status Infer(InferContext& context) {
  const SymbolicShape* input = context.InputShape(0);
  ASSAY_RETURN_IF_ERROR(CheckLengths(context, input));
  context.SetOutput(0, DType::kFloat32, input ? std::optional(*input) : std::nullopt);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor input, AsDoubles(context, 0));
  const SymbolicShape shape = ToSymbolic(input.shape());
  ASSAY_RETURN_IF_ERROR(CheckLengths(context, &shape));
  const std::vector<double> offset = Doubles(context, "offset");
  const std::vector<double> scale = Doubles(context, "scale");
  const auto in = input.data<double>();
  const auto out = context.AllocateOutput(0, input.shape()).mutable_data<double>();
  context.threads().ParallelFor(
      input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          const size_t feature = i % offset.size();
          out[i] = (in[i] - offset[feature]) * scale[feature];
        }
      });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  using Floats = std::vector<float>;
  const std::vector<Attribute> each = {{"offset", Floats{1, -2}}, {"scale", Floats{0.5F, 3}}};
  const std::vector<Attribute> all = {{"offset", Floats{1}}, {"scale", Floats{-2}}};
  cases.push_back({.name = "each_feature",
                   .attributes = each,
                   .inputs = {Tensor::Of<double>({2, 2}, {3, 1, kInfinity, -2})},
                   .expected = {Tensor::Of<double>({2, 2}, {1, 9, kInfinity, 0})}});
  cases.push_back({.name = "a_vector_is_one_example",
                   .attributes = each,
                   .inputs = {Tensor::Vector<int64_t>({0, 0})},
                   .expected = {Tensor::Vector<double>({-0.5, 6})}});
  cases.push_back({.name = "all_alike",
                   .attributes = all,
                   .inputs = {Tensor::Of<int32_t>({1, 2, 2}, {0, 1, 2, 3})},
                   .expected = {Tensor::Of<double>({1, 2, 2}, {2, -0.0, -2, -4})}});
  cases.push_back({.name = "scalar",
                   .attributes = all,
                   .inputs = {Tensor::Scalar<float>(4)},
                   .expected = {Tensor::Scalar<float>(-6)}});
  cases.push_back({.name = "empty",
                   .attributes = each,
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlScaler;
const OpDef kMlScaler = {.name = "Scaler",
                         .domain = kMlDomain,
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
