#include <fmt/format.h>

#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/ml_features.h"
#include "ops/ml_linear.h"
#include "ops/ml_post_transform.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {OptionalAttribute("coefficients", AttributeKind::kFloats),
                    OptionalAttribute("intercepts", AttributeKind::kFloats),
                    StringAttribute("post_transform", "NONE"), IntAttribute("targets", 1)}},
};

Result<LinearModel> ModelOf(const OpContext& context, int64_t features) {
  ASSAY_ASSIGN_OR_RETURN(LinearModel model, LinearModelOf(context, features));
  const int64_t targets = context.Int("targets");
  if (model.sets == targets) return model;
  return OpContext::Invalid(fmt::format(
      "attribute \"coefficients\": expected {} sets of {} (targets and features), got {}", targets,
      features, model.sets));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(PostTransformOf(context).status());
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(ModelOf(context, rows.features.value()).status());
  }
  context.SetOutput(0, DType::kFloat32, SymbolicShape{rows.count, Dim(context.Int("targets"))});
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const PostTransform transform, PostTransformOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_ASSIGN_OR_RETURN(const LinearModel model, ModelOf(context, rows.features));
  const auto out = context.AllocateOutput(0, {rows.count, model.sets}).mutable_data<double>();
  ForEachSlice(context.threads(), rows.count, rows.features * model.sets, [&](int64_t row) {
    const auto scores =
        out.subspan(static_cast<size_t>(row * model.sets), static_cast<size_t>(model.sets));
    model.Scores(rows[row], scores);
    Apply(transform, scores);
  });
  return OkStatus();
}

using Floats = std::vector<float>;

// The scores of the two examples are (3, 0.5) and (-1, 1.25).
void Cases(std::vector<OpCase>& cases) {
  const Tensor examples = Tensor::Of<double>({2, 2}, {1, 2, 0, -1});
  const auto attributes = [](const std::string& transform) {
    return std::vector<Attribute>{{"coefficients", Floats{1, 1, 0.5F, -0.25F}},
                                  {"intercepts", Floats{0, 1}},
                                  {"targets", int64_t{2}},
                                  {"post_transform", transform}};
  };
  const auto add = [&](const std::string& transform, const std::vector<double>& out) {
    cases.push_back({.name = transform,
                     .attributes = attributes(transform),
                     .inputs = {examples},
                     .expected = {Tensor::Of<double>({2, 2}, out)}});
  };
  add("NONE", {3, 1, -1, 1.25});
  add("LOGISTIC", {0.9525741268224334, 0.7310585786300049, 0.2689414213699951, 0.7772998611746911});
  add("SOFTMAX", {0.8807970779778823, 0.11920292202211755, 0.0953494648991095, 0.9046505351008906});
  add("SOFTMAX_ZERO",
      {0.8807970779778823, 0.11920292202211755, 0.0953494648991095, 0.9046505351008906});
  cases.push_back({.name = "softmax_leaves_zero",
                   .attributes = attributes("SOFTMAX_ZERO"),
                   .inputs = {Tensor::Of<double>({1, 2}, {0, 0})},
                   .expected = {Tensor::Of<double>({1, 2}, {0, 1})}});
  cases.push_back(
      {.name = "probit_of_one_target",
       .attributes = {{"coefficients", Floats{1}}, {"post_transform", std::string("PROBIT")}},
       .inputs = {Tensor::Of<double>({4, 1}, {0.975, 0.2, 0, 2})},
       .expected = {Tensor::Of<double>(
           {4, 1}, {1.9599639845400538, -0.84162123357291418, -kInfinity, kNaN})}});
  cases.push_back({.name = "a_vector_is_one_example",
                   .attributes = {{"coefficients", Floats{2, 3}}, {"intercepts", Floats{-1}}},
                   .inputs = {Tensor::Vector<int64_t>({4, 5})},
                   .expected = {Tensor::Of<float>({1, 1}, {22})}});
  cases.push_back({.name = "no_examples",
                   .attributes = {{"coefficients", Floats{2, 3}}},
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kMlLinearRegressor;
const OpDef kMlLinearRegressor = {.name = "LinearRegressor",
                                  .domain = kMlDomain,
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
