#include <fmt/format.h>

#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/ml_listed_forest.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr AttributeDef kAggregate = StringAttribute("aggregate_function", "SUM");
constexpr AttributeDef kTargets = OptionalAttribute("n_targets", AttributeKind::kInt);
constexpr AttributeDef kTargetIds = OptionalAttribute("target_ids", AttributeKind::kInts);
constexpr AttributeDef kTargetNodes = OptionalAttribute("target_nodeids", AttributeKind::kInts);
constexpr AttributeDef kTargetTrees = OptionalAttribute("target_treeids", AttributeKind::kInts);
constexpr AttributeDef kTargetWeights = OptionalAttribute("target_weights", AttributeKind::kFloats);
constexpr AttributeDef kTargetWeightsTensor =
    OptionalAttribute("target_weights_as_tensor", AttributeKind::kTensor);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {kAggregate, kBaseValues, kTargets, kNodesFalse, kNodesFeatures, kNodesHitrates,
                    kNodesMissing, kNodesModes, kNodesIds, kNodesTrees, kNodesTrue, kNodesValues,
                    kPostTransform, kTargetIds, kTargetNodes, kTargetTrees, kTargetWeights}},
    {.since = 3,
     .also_since = {5},
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {kAggregate,          kBaseValues,    kBaseValuesTensor,  kTargets,
                    kNodesFalse,         kNodesFeatures, kNodesHitrates,     kNodesHitratesTensor,
                    kNodesMissing,       kNodesModes,    kNodesIds,          kNodesTrees,
                    kNodesTrue,          kNodesValues,   kNodesValuesTensor, kPostTransform,
                    kTargetIds,          kTargetNodes,   kTargetTrees,       kTargetWeights,
                    kTargetWeightsTensor}},
};

Result<ForestRegressor> RegressorOf(const OpContext& context) {
  ForestRegressor regressor;
  ASSAY_ASSIGN_OR_RETURN(regressor.aggregation, AggregationOf(context));
  ASSAY_ASSIGN_OR_RETURN(regressor.transform, PostTransformOf(context));
  regressor.targets = context.HasAttribute("n_targets") ? context.Int("n_targets") : 0;
  if (regressor.targets < 1) {
    return OpContext::Invalid(
        fmt::format("attribute \"n_targets\": expected at least 1, got {}", regressor.targets));
  }
  ASSAY_ASSIGN_OR_RETURN(regressor.base, DoublesOrTensor(context, "base_values"));
  if (!regressor.base.empty() && static_cast<int64_t>(regressor.base.size()) != regressor.targets) {
    return OpContext::Invalid(
        fmt::format("attribute \"base_values\": expected one for each of {} targets, got {}",
                    regressor.targets, regressor.base.size()));
  }
  ASSAY_ASSIGN_OR_RETURN(regressor.forest, ListedForestOf(context, "target", regressor.targets));
  return regressor;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ForestRegressor regressor, RegressorOf(context));
  return InferForestRegressor(context, regressor, DType::kFloat32);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ForestRegressor regressor, RegressorOf(context));
  return EvaluateForestRegressor(context, regressor);
}

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

// Two trees: x0 <= 1 ? (x1 > 0 ? a : b) : c, and a leaf alone. Votes for two targets:
// a (1, -), b (-, 2) and (0.5, -), c (4, 8); the leaf alone (0.25, -).
std::vector<Attribute> Trees(const std::string& aggregation) {
  return {{"aggregate_function", aggregation},
          {"n_targets", int64_t{2}},
          {"nodes_treeids", Ints{7, 7, 7, 7, 7, 9}},
          {"nodes_nodeids", Ints{0, 1, 2, 3, 4, 0}},
          {"nodes_modes", Strings{"BRANCH_LEQ", "BRANCH_GT", "LEAF", "LEAF", "LEAF", "LEAF"}},
          {"nodes_featureids", Ints{0, 1, 0, 0, 0, 0}},
          {"nodes_values", Floats{1, 0, 0, 0, 0, 0}},
          {"nodes_truenodeids", Ints{1, 3, 0, 0, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 4, 0, 0, 0, 0}},
          {"target_treeids", Ints{7, 7, 7, 7, 7, 9}},
          {"target_nodeids", Ints{3, 4, 4, 2, 2, 0}},
          {"target_ids", Ints{0, 1, 0, 0, 1, 0}},
          {"target_weights", Floats{1, 2, 0.5F, 4, 8, 0.25F}}};
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor examples = Tensor::Of<double>({4, 2}, {1, 1, 1, 0, 1.5, 7, kNaN, 3});
  const auto add = [&](const std::string& name, std::vector<Attribute> attributes,
                       const std::vector<double>& out) {
    cases.push_back({.name = name,
                     .attributes = std::move(attributes),
                     .inputs = {examples},
                     .expected = {Tensor::Of<double>({4, 2}, out)}});
  };
  add("sum", Trees("SUM"), {1.25, 0, 0.75, 2, 4.25, 8, 4.25, 8});
  add("average", Trees("AVERAGE"), {0.625, 0, 0.375, 1, 2.125, 4, 2.125, 4});
  add("min", Trees("MIN"), {0.25, 0, 0.25, 2, 0.25, 8, 0.25, 8});
  add("max", Trees("MAX"), {1, 0, 0.5, 2, 4, 8, 4, 8});
  std::vector<Attribute> with_base = Trees("AVERAGE");
  with_base.push_back({"base_values", Floats{10, -1}});
  add("base_values_after_aggregation", with_base, {10.625, -1, 10.375, 0, 12.125, 3, 12.125, 3});
  std::vector<Attribute> with_nan = Trees("SUM");
  with_nan.push_back({"nodes_missing_value_tracks_true", Ints{1, 0, 0, 0, 0, 0}});
  add("missing_values_track_true", with_nan, {1.25, 0, 0.75, 2, 4.25, 8, 1.25, 0});
  std::vector<Attribute> logistic = Trees("SUM");
  logistic.push_back({"post_transform", std::string("LOGISTIC")});
  add("logistic", logistic,
      {0.7772998611746911, 0.5, 0.679178699175393, 0.8807970779778823, 0.9859363729567544,
       0.9996646498695336, 0.9859363729567544, 0.9996646498695336});
  std::vector<Attribute> doubles = Trees("SUM");
  doubles[6] = {"nodes_values_as_tensor", Tensor::Vector<double>({1, 0, 0, 0, 0, 0})};
  doubles[12] = {"target_weights_as_tensor", Tensor::Vector<double>({1, 2, 0.5, 4, 8, 0.25})};
  doubles.push_back({"base_values_as_tensor", Tensor::Vector<double>({0.1, 0})});
  add("tensors_of_doubles", doubles, {1.35, 0, 0.85, 2, 4.35, 8, 4.35, 8});
  cases.push_back({.name = "version_1_int64",
                   .opset = 1,
                   .attributes = Trees("SUM"),
                   .inputs = {Tensor::Of<int64_t>({2, 2}, {2, 0, 0, 5})},
                   .expected = {Tensor::Of<float>({2, 2}, {4.25F, 8, 1.25F, 0})}});
  cases.push_back({.name = "no_examples",
                   .attributes = Trees("MIN"),
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlTreeEnsembleRegressor;
const OpDef kMlTreeEnsembleRegressor = {.name = "TreeEnsembleRegressor",
                                        .domain = kMlDomain,
                                        .schemas = kSchemas,
                                        .infer = Infer,
                                        .reference = Reference,
                                        .cases = Cases};

}  // namespace assay
