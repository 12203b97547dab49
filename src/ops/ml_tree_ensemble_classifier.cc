#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/ml_listed_forest.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr AttributeDef kClassIds = OptionalAttribute("class_ids", AttributeKind::kInts);
constexpr AttributeDef kClassNodes = OptionalAttribute("class_nodeids", AttributeKind::kInts);
constexpr AttributeDef kClassTrees = OptionalAttribute("class_treeids", AttributeKind::kInts);
constexpr AttributeDef kClassWeights = OptionalAttribute("class_weights", AttributeKind::kFloats);
constexpr AttributeDef kClassWeightsTensor =
    OptionalAttribute("class_weights_as_tensor", AttributeKind::kTensor);
constexpr AttributeDef kLabelIntegers =
    OptionalAttribute("classlabels_int64s", AttributeKind::kInts);
constexpr AttributeDef kLabelStrings =
    OptionalAttribute("classlabels_strings", AttributeKind::kStrings);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kLabelTypes}, {"Z", kFloat32Only}},
     .attributes = {kBaseValues, kClassIds, kClassNodes, kClassTrees, kClassWeights, kLabelIntegers,
                    kLabelStrings, kNodesFalse, kNodesFeatures, kNodesHitrates, kNodesMissing,
                    kNodesModes, kNodesIds, kNodesTrees, kNodesTrue, kNodesValues, kPostTransform}},
    {.since = 3,
     .also_since = {5},
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kLabelTypes}, {"Z", kFloat32Only}},
     .attributes =
         {kBaseValues,          kBaseValuesTensor, kClassIds,           kClassNodes,
          kClassTrees,          kClassWeights,     kClassWeightsTensor, kLabelIntegers,
          kLabelStrings,        kNodesFalse,       kNodesFeatures,      kNodesHitrates,
          kNodesHitratesTensor, kNodesMissing,     kNodesModes,         kNodesIds,
          kNodesTrees,          kNodesTrue,        kNodesValues,        kNodesValuesTensor,
          kPostTransform}},
};

struct Classifier {
  Forest forest;
  PostTransform transform = PostTransform::kNone;
  ClassLabels labels;
  std::vector<double> base;
  // Converters write a binary classifier with votes for the first of two classes alone, and mean
  // the second: its score s is a probability if all votes are positive, and the first has 1 - s,
  // else a margin, and the first has -s.
  bool is_binary = false;
  bool is_margin = false;
};

Result<Classifier> ClassifierOf(const OpContext& context) {
  Classifier classifier;
  ASSAY_ASSIGN_OR_RETURN(classifier.transform, PostTransformOf(context));
  ASSAY_ASSIGN_OR_RETURN(classifier.labels,
                         ClassLabelsOf(context, "classlabels_int64s", "classlabels_strings"));
  const int64_t classes = classifier.labels.size();
  if (classes == 0) return OpContext::Invalid("class labels: expected at least one, got none");
  ASSAY_ASSIGN_OR_RETURN(classifier.base, DoublesOrTensor(context, "base_values"));
  ASSAY_ASSIGN_OR_RETURN(classifier.forest, ListedForestOf(context, "class", classes));
  const std::vector<Forest::Vote>& votes = classifier.forest.votes;
  const auto is_first = [](const Forest::Vote& vote) { return vote.target == 0; };
  const auto bases = static_cast<int64_t>(classifier.base.size());
  classifier.is_binary = classes == 2 && bases < 2 && !votes.empty() &&
                         std::all_of(votes.begin(), votes.end(), is_first);
  classifier.is_margin =
      std::any_of(votes.begin(), votes.end(), [](const auto& vote) { return vote.weight < 0; });
  if (bases == 0 || bases == (classifier.is_binary ? 1 : classes)) return classifier;
  return OpContext::Invalid(fmt::format(
      "attribute \"base_values\": expected one for each of {} classes, got {}", classes, bases));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Classifier classifier, ClassifierOf(context));
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(classifier.forest.CheckFeatures(rows.features.value()));
  }
  InferClasses(context, classifier.labels, rows, Dim(classifier.labels.size()));
  return OkStatus();
}

// Writes the scores of one example and returns the class with the highest.
int64_t Classify(const Classifier& classifier, std::span<const double> x,
                 std::span<double> scores) {
  const auto voted = classifier.is_binary ? scores.last(1) : scores;
  Predict(classifier.forest, Aggregation::kSum, classifier.base, x, voted);
  if (classifier.is_binary) scores[0] = classifier.is_margin ? -scores[1] : 1 - scores[1];
  const int64_t top = TopScore(scores);
  if (classifier.is_binary && classifier.transform == PostTransform::kLogistic) {
    scores[0] = -scores[1];
  }
  Apply(classifier.transform, scores);
  return top;
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Classifier classifier, ClassifierOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_RETURN_IF_ERROR(classifier.forest.CheckFeatures(rows.features));
  const auto width = static_cast<size_t>(classifier.labels.size());
  const Shape shape{rows.count, classifier.labels.size()};
  if (!shape.CheckedElements()) return OpContext::Invalid("the result is too large");
  std::vector<int64_t> tops(static_cast<size_t>(rows.count));
  const auto out = context.AllocateOutput(1, shape).mutable_data<double>();
  const auto work = static_cast<int64_t>(classifier.forest.roots.size() * 16 + width);
  ForEachSlice(context.threads(), rows.count, work, [&](int64_t row) {
    const auto scores = out.subspan(static_cast<size_t>(row) * width, width);
    tops[static_cast<size_t>(row)] = Classify(classifier, rows[row], scores);
  });
  WriteLabels(context, classifier.labels, tops);
  return OkStatus();
}

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

// One tree, x > 0 ? node 1 : node 2, whose leaves have the votes `ids` and `weights`, the first
// half those of node 1.
std::vector<Attribute> Tree(const Ints& ids, const Floats& weights, const Ints& labels,
                            const std::string& transform = "NONE") {
  Ints nodes(ids.size(), 1);
  std::fill(nodes.begin() + static_cast<int64_t>(ids.size()) / 2, nodes.end(), 2);
  return {{"nodes_treeids", Ints{0, 0, 0}},
          {"nodes_nodeids", Ints{0, 1, 2}},
          {"nodes_modes", Strings{"BRANCH_GT", "LEAF", "LEAF"}},
          {"nodes_featureids", Ints{0, 0, 0}},
          {"nodes_values", Floats{0, 0, 0}},
          {"nodes_truenodeids", Ints{1, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 0, 0}},
          {"class_treeids", Ints(ids.size(), 0)},
          {"class_nodeids", nodes},
          {"class_ids", ids},
          {"class_weights", weights},
          {"classlabels_int64s", labels},
          {"post_transform", transform}};
}

void AddCase(std::vector<OpCase>& cases, const std::string& name,
             const std::vector<Attribute>& attributes, const Ints& labels,
             const std::vector<double>& scores) {
  const auto width = static_cast<int64_t>(scores.size() / labels.size());
  cases.push_back(
      {.name = name,
       .attributes = attributes,
       .inputs = {Tensor::Of<double>({2, 1}, {1, -1})},
       .output_types = {DType::kInt64, DType::kFloat32},
       .expected = {Tensor::Vector<int64_t>(labels), Tensor::Of<double>({2, width}, scores)}});
}

void AddBinaryCases(std::vector<OpCase>& cases) {
  const Ints labels = {5, 6};
  AddCase(cases, "binary_probability", Tree({0, 0}, {0.75F, 0.25F}, labels), {6, 5},
          {0.25, 0.75, 0.75, 0.25});
  AddCase(cases, "binary_margin", Tree({0, 0}, {0.75F, -0.25F}, labels), {6, 5},
          {-0.75, 0.75, 0.25, -0.25});
  AddCase(cases, "binary_margin_logistic", Tree({0, 0}, {0.75F, -0.25F}, labels, "LOGISTIC"),
          {6, 5}, {0.320821300824607, 0.679178699175393, 0.5621765008857981, 0.43782349911420193});
  AddCase(cases, "binary_probability_logistic", Tree({0, 0}, {0.75F, 0.25F}, labels, "LOGISTIC"),
          {6, 5}, {0.320821300824607, 0.679178699175393, 0.43782349911420193, 0.5621765008857981});
  AddCase(cases, "binary_probit", Tree({0, 0}, {0.5F, 0.5F}, labels, "PROBIT"), {5, 5},
          {0, 0, 0, 0});
  std::vector<Attribute> with_base = Tree({0, 0}, {0.75F, -0.25F}, labels);
  with_base.push_back({"base_values", Floats{0.5F}});
  AddCase(cases, "binary_margin_with_base", with_base, {6, 6}, {-1.25, 1.25, -0.25, 0.25});
  AddCase(cases, "votes_for_both", Tree({0, 1, 0, 1}, {0.75F, 0.25F, 0.375F, 0.625F}, labels),
          {5, 6}, {0.75, 0.25, 0.375, 0.625});
  AddCase(cases, "votes_for_one_of_both", Tree({0, 1}, {0.75F, 0.5F}, labels), {5, 6},
          {0.75, 0, 0, 0.5});
}

void Cases(std::vector<OpCase>& cases) {
  AddBinaryCases(cases);
  const Ints ids = {0, 1, 0, 2};
  const Floats weights = {0.75F, 0.25F, -0.5F, 1};
  const Ints labels = {5, 6, -7};
  AddCase(cases, "three_classes", Tree(ids, weights, labels), {5, -7}, {0.75, 0.25, 0, -0.5, 0, 1});
  AddCase(cases, "softmax", Tree(ids, weights, labels, "SOFTMAX"), {5, -7},
          {0.48102426325336967, 0.29175596372884977, 0.2272197730177806, 0.14024438316608848,
           0.23122389762214907, 0.6285317192117624});
  AddCase(
      cases, "softmax_zero", Tree(ids, weights, labels, "SOFTMAX_ZERO"), {5, -7},
      {0.6224593312018546, 0.37754066879814546, 0.0, 0.18242552380635632, 0.0, 0.8175744761936437});
  std::vector<Attribute> with_base = Tree(ids, weights, labels);
  with_base.push_back({"base_values", Floats{0, 1, 0.25F}});
  AddCase(cases, "base_values", with_base, {6, -7}, {0.75, 1.25, 0.25, -0.5, 1, 1.25});
  std::vector<Attribute> of_strings = Tree(ids, weights, labels);
  of_strings[11] = {"classlabels_strings", Strings{"a", "b", "c"}};
  cases.push_back(
      {.name = "version_1_strings",
       .opset = 1,
       .attributes = of_strings,
       .inputs = {Tensor::Vector<int32_t>({-3})},
       .output_types = {DType::kString, DType::kFloat32},
       .expected = {Tensor::Vector<std::string>({"c"}), Tensor::Of<float>({1, 3}, {-0.5F, 0, 1})}});
  std::vector<Attribute> doubles = Tree(ids, weights, labels);
  doubles[4] = {"nodes_values_as_tensor", Tensor::Vector<double>({0, 0, 0})};
  doubles[10] = {"class_weights_as_tensor", Tensor::Vector<double>({0.1, 0.2, -0.5, 1})};
  AddCase(cases, "tensors_of_doubles", doubles, {6, -7}, {0.1, 0.2, 0, -0.5, 0, 1});
  cases.push_back({.name = "no_examples",
                   .attributes = Tree(ids, weights, labels),
                   .inputs = {Tensor::Of<float>({0, 1}, {})},
                   .expected = {Tensor::Of<int64_t>({0}, {}), Tensor::Of<float>({0, 3}, {})}});
}
}  // namespace

extern const OpDef kMlTreeEnsembleClassifier;
const OpDef kMlTreeEnsembleClassifier = {.name = "TreeEnsembleClassifier",
                                         .domain = kMlDomain,
                                         .schemas = kSchemas,
                                         .infer = Infer,
                                         .reference = Reference,
                                         .cases = Cases};

}  // namespace assay
