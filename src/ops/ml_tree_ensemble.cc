#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/ml_features.h"
#include "ops/ml_forest.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kBasicFloats;

constexpr OpSchema kSchemas[] = {
    {.since = 5,
     .inputs = {{"X", kTypes}},
     .outputs = {{"Y", kTypes}},
     .attributes = {IntAttribute("aggregate_function", 1),
                    RequiredAttribute("leaf_targetids", AttributeKind::kInts),
                    RequiredAttribute("leaf_weights", AttributeKind::kTensor),
                    OptionalAttribute("membership_values", AttributeKind::kTensor),
                    OptionalAttribute("n_targets", AttributeKind::kInt),
                    RequiredAttribute("nodes_falseleafs", AttributeKind::kInts),
                    RequiredAttribute("nodes_falsenodeids", AttributeKind::kInts),
                    RequiredAttribute("nodes_featureids", AttributeKind::kInts),
                    OptionalAttribute("nodes_hitrates", AttributeKind::kTensor),
                    OptionalAttribute("nodes_missing_value_tracks_true", AttributeKind::kInts),
                    RequiredAttribute("nodes_modes", AttributeKind::kTensor),
                    RequiredAttribute("nodes_splits", AttributeKind::kTensor),
                    RequiredAttribute("nodes_trueleafs", AttributeKind::kInts),
                    RequiredAttribute("nodes_truenodeids", AttributeKind::kInts),
                    IntAttribute("post_transform", 0),
                    RequiredAttribute("tree_roots", AttributeKind::kInts)}},
};

Result<std::vector<double>> TensorValues(const OpContext& context, std::string_view name,
                                         bool floating) {
  std::vector<double> values;
  const Tensor* tensor = context.TensorAttribute(name);
  if (tensor == nullptr) return values;
  if (floating ? !IsFloating(tensor->dtype()) : !IsInteger(tensor->dtype())) {
    return OpContext::Invalid(fmt::format("attribute \"{}\": expected a tensor of {}, got {}", name,
                                          floating ? "floats" : "integers",
                                          DTypeName(tensor->dtype())));
  }
  for (int64_t i = 0; i < tensor->elements(); ++i) values.push_back(tensor->ValueAsDouble(i));
  return values;
}

// Gives every node that tests membership its members: as many runs of values as there are such
// nodes, in their order, each ended by NaN.
Status ReadMembers(const OpContext& context, std::vector<Forest::Node>& nodes) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> values,
                         TensorValues(context, "membership_values", true));
  size_t at = 0;
  for (Forest::Node& node : nodes) {
    if (node.test != Forest::Test::kMember) continue;
    while (at < values.size() && !std::isnan(values[at])) node.members.push_back(values[at++]);
    if (at == values.size()) {
      return OpContext::Invalid(
          "attribute \"membership_values\": expected a list, ended by NaN, for every node of mode "
          "BRANCH_MEMBER, got fewer");
    }
    ++at;
  }
  if (at == values.size()) return OkStatus();
  return OpContext::Invalid(
      "attribute \"membership_values\": expected no more lists than nodes of mode BRANCH_MEMBER");
}

// Inner nodes keep their positions; leaf i becomes node inner + i.
Result<std::vector<Forest::Node>> ReadInnerNodes(const OpContext& context) {
  const std::vector<int64_t> features = context.Ints("nodes_featureids");
  const std::vector<int64_t> if_true = context.Ints("nodes_truenodeids");
  const std::vector<int64_t> if_false = context.Ints("nodes_falsenodeids");
  const std::vector<int64_t> true_leafs = context.Ints("nodes_trueleafs");
  const std::vector<int64_t> false_leafs = context.Ints("nodes_falseleafs");
  std::vector<int64_t> missing = context.Ints("nodes_missing_value_tracks_true");
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> modes,
                         TensorValues(context, "nodes_modes", false));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> splits,
                         TensorValues(context, "nodes_splits", true));
  const size_t count = features.size();
  if (missing.empty()) missing.resize(count);
  const std::pair<std::string_view, size_t> sizes[] = {
      {"nodes_truenodeids", if_true.size()},
      {"nodes_falsenodeids", if_false.size()},
      {"nodes_trueleafs", true_leafs.size()},
      {"nodes_falseleafs", false_leafs.size()},
      {"nodes_modes", modes.size()},
      {"nodes_splits", splits.size()},
      {"nodes_missing_value_tracks_true", missing.size()}};
  for (const auto& [name, size] : sizes) {
    ASSAY_RETURN_IF_ERROR(CheckLength(name, size, count, "nodes_featureids"));
  }
  const auto leaves = static_cast<int64_t>(context.Ints("leaf_targetids").size());
  const auto child = [&](std::string_view name, int64_t id, bool is_leaf) -> Result<int64_t> {
    const int64_t limit = is_leaf ? leaves : static_cast<int64_t>(count);
    if (id >= 0 && id < limit) return is_leaf ? id + static_cast<int64_t>(count) : id;
    return OpContext::Invalid(fmt::format("attribute \"{}\": expected a {} in [0, {}), got {}",
                                          name, is_leaf ? "leaf" : "node", limit, id));
  };
  std::vector<Forest::Node> nodes;
  for (size_t i = 0; i < count; ++i) {
    if (modes[i] < 0 || modes[i] > 6) {
      return OpContext::Invalid(
          fmt::format("attribute \"nodes_modes\": expected 0 to 6, got {}", modes[i]));
    }
    Forest::Node node{.test = static_cast<Forest::Test>(modes[i]),
                      .nan_is_true = missing[i] != 0,
                      .feature = features[i],
                      .value = splits[i]};
    ASSAY_ASSIGN_OR_RETURN(node.if_true,
                           child("nodes_truenodeids", if_true[i], true_leafs[i] != 0));
    ASSAY_ASSIGN_OR_RETURN(node.if_false,
                           child("nodes_falsenodeids", if_false[i], false_leafs[i] != 0));
    nodes.push_back(std::move(node));
  }
  ASSAY_RETURN_IF_ERROR(ReadMembers(context, nodes));
  return nodes;
}

Result<ForestRegressor> EnsembleOf(const OpContext& context) {
  ForestRegressor ensemble;
  ASSAY_ASSIGN_OR_RETURN(ensemble.aggregation, AggregationByNumber(context));
  ASSAY_ASSIGN_OR_RETURN(ensemble.transform, PostTransformByNumber(context));
  ensemble.targets = context.HasAttribute("n_targets") ? context.Int("n_targets") : 0;
  if (ensemble.targets < 1) {
    return OpContext::Invalid(
        fmt::format("attribute \"n_targets\": expected at least 1, got {}", ensemble.targets));
  }
  Forest& forest = ensemble.forest;
  ASSAY_ASSIGN_OR_RETURN(forest.nodes, ReadInnerNodes(context));
  forest.roots = context.Ints("tree_roots");
  const auto inner = static_cast<int64_t>(forest.nodes.size());
  for (int64_t root : forest.roots) {
    if (root >= 0 && root < inner) continue;
    return OpContext::Invalid(
        fmt::format("attribute \"tree_roots\": expected nodes in [0, {}), got {}", inner, root));
  }
  const std::vector<int64_t> targets = context.Ints("leaf_targetids");
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> weights,
                         TensorValues(context, "leaf_weights", true));
  ASSAY_RETURN_IF_ERROR(
      CheckLength("leaf_weights", weights.size(), targets.size(), "leaf_targetids"));
  for (size_t i = 0; i < targets.size(); ++i) {
    forest.votes.push_back({inner + static_cast<int64_t>(i), targets[i], weights[i]});
    forest.nodes.emplace_back();
  }
  ASSAY_RETURN_IF_ERROR(forest.Finish(ensemble.targets));
  return ensemble;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ForestRegressor ensemble, EnsembleOf(context));
  return InferForestRegressor(context, ensemble, context.InputType(0));
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ForestRegressor ensemble, EnsembleOf(context));
  return EvaluateForestRegressor(context, ensemble);
}

using Ints = std::vector<int64_t>;

// Trees: x0 in {1, 4} ? (x1 >= 0 ? leaf 0 : leaf 1) : leaf 2, and leaf 3 whatever x is.
std::vector<Attribute> Trees(int64_t aggregation) {
  return {{"aggregate_function", aggregation},
          {"n_targets", int64_t{2}},
          {"tree_roots", Ints{0, 2}},
          {"nodes_featureids", Ints{0, 1, 0}},
          {"nodes_modes", Tensor::Vector<uint8_t>({6, 2, 0})},
          {"nodes_splits", Tensor::Vector<double>({0, 0, 0})},
          {"nodes_truenodeids", Ints{1, 0, 3}},
          {"nodes_trueleafs", Ints{0, 1, 1}},
          {"nodes_falsenodeids", Ints{2, 1, 3}},
          {"nodes_falseleafs", Ints{1, 1, 1}},
          {"membership_values", Tensor::Vector<double>({1, 4, kNaN})},
          {"leaf_targetids", Ints{0, 1, 1, 0}},
          {"leaf_weights", Tensor::Vector<double>({1, 2, -4, 0.5})}};
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor examples = Tensor::Of<double>({4, 2}, {1, 0, 4, -1, 2, 0, kNaN, 0});
  const auto add = [&](const std::string& name, std::vector<Attribute> attributes,
                       const std::vector<double>& out) {
    cases.push_back({.name = name,
                     .attributes = std::move(attributes),
                     .inputs = {examples},
                     .expected = {Tensor::Of<double>({4, 2}, out)}});
  };
  add("sum", Trees(1), {1.5, 0, 0.5, 2, 0.5, -4, 0.5, -4});
  add("average", Trees(0), {0.75, 0, 0.25, 1, 0.25, -2, 0.25, -2});
  add("min", Trees(2), {0.5, 0, 0.5, 2, 0.5, -4, 0.5, -4});
  add("max", Trees(3), {1, 0, 0.5, 2, 0.5, -4, 0.5, -4});
  std::vector<Attribute> missing = Trees(1);
  missing.push_back({"nodes_missing_value_tracks_true", Ints{1, 0, 0}});
  add("missing_values_track_true", missing, {1.5, 0, 0.5, 2, 0.5, -4, 1.5, 0});
  std::vector<Attribute> softmax = Trees(1);
  softmax.push_back({"post_transform", int64_t{1}});
  softmax.push_back({"nodes_hitrates", Tensor::Vector<double>({1, 1, 1})});
  add("softmax", softmax,
      {0.8175744761936437, 0.18242552380635632, 0.18242552380635632, 0.8175744761936437,
       0.9890130573694068, 0.01098694263059318, 0.9890130573694068, 0.01098694263059318});
  cases.push_back({.name = "no_examples",
                   .attributes = Trees(2),
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlTreeEnsemble;
const OpDef kMlTreeEnsemble = {.name = "TreeEnsemble",
                               .domain = kMlDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
