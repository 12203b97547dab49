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

// multi_class says how the model was trained; nothing depends on it.
constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kLabelTypes}, {"Z", kFloat32Only}},
     .attributes = {OptionalAttribute("classlabels_ints", AttributeKind::kInts),
                    OptionalAttribute("classlabels_strings", AttributeKind::kStrings),
                    RequiredAttribute("coefficients", AttributeKind::kFloats),
                    OptionalAttribute("intercepts", AttributeKind::kFloats),
                    IntAttribute("multi_class", 0), StringAttribute("post_transform", "NONE")}},
};

struct Classifier {
  LinearModel model;
  ClassLabels labels;

  // One set of coefficients tells two classes apart.
  bool is_binary() const { return model.sets == 1; }
  int64_t scores() const { return is_binary() ? labels.size() : model.sets; }
};

// Labels that are left out for one set of coefficients are 0 and 1, and the score stays alone.
Result<Classifier> ClassifierOf(const OpContext& context, int64_t features) {
  Classifier classifier;
  ASSAY_ASSIGN_OR_RETURN(classifier.model, LinearModelOf(context, features));
  ASSAY_ASSIGN_OR_RETURN(classifier.labels,
                         ClassLabelsOf(context, "classlabels_ints", "classlabels_strings"));
  const int64_t sets = classifier.model.sets;
  const int64_t labels = classifier.labels.size();
  if (sets == 1 ? labels == 2 || labels == 0 : labels == sets) return classifier;
  return OpContext::Invalid(
      fmt::format("class labels: expected {} for {} sets of {} coefficients, got {}",
                  sets == 1 ? 2 : sets, sets, features, labels));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(PostTransformOf(context).status());
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  ASSAY_ASSIGN_OR_RETURN(const ClassLabels labels,
                         ClassLabelsOf(context, "classlabels_ints", "classlabels_strings"));
  Dim scores(std::max<int64_t>(labels.size(), 1));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(ClassifierOf(context, rows.features.value()).status());
  }
  InferClasses(context, labels, rows, scores);
  return OkStatus();
}

// The scores of both classes from the one that tells them apart, as runtimes give them: logistic
// ones and softmaxes of -s and s, others of 1 - s and s.
void ApplyBinary(PostTransform transform, std::span<double> scores) {
  const double score = scores[1];
  const bool opposite = transform == PostTransform::kLogistic ||
                        transform == PostTransform::kSoftmax ||
                        transform == PostTransform::kSoftmaxZero;
  scores[0] = opposite ? -score : 1 - score;
  Apply(transform, scores);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const PostTransform transform, PostTransformOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_ASSIGN_OR_RETURN(Classifier classifier, ClassifierOf(context, rows.features));
  const LinearModel& model = classifier.model;
  const bool single = classifier.labels.size() == 0;
  if (single) classifier.labels.integers = {0, 1};
  const int64_t width = single ? 1 : classifier.scores();
  std::vector<int64_t> tops(static_cast<size_t>(rows.count));
  const auto out = context.AllocateOutput(1, {rows.count, width}).mutable_data<double>();
  ForEachSlice(context.threads(), rows.count, rows.features * model.sets, [&](int64_t row) {
    const auto scores = out.subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
    model.Scores(rows[row], scores.last(static_cast<size_t>(model.sets)));
    int64_t& top = tops[static_cast<size_t>(row)];
    top = classifier.is_binary() ? (scores.back() > 0 ? 1 : 0) : TopScore(scores);
    if (classifier.is_binary() && !single) {
      ApplyBinary(transform, scores);
    } else {
      Apply(transform, scores);
    }
  });
  WriteLabels(context, classifier.labels, tops);
  return OkStatus();
}

using Floats = std::vector<float>;

void AddCase(std::vector<OpCase>& cases, const std::string& name,
             const std::vector<Attribute>& attributes, const Tensor& examples, const Tensor& labels,
             const Tensor& scores) {
  cases.push_back({.name = name,
                   .attributes = attributes,
                   .inputs = {examples},
                   .output_types = {labels.dtype(), DType::kFloat32},
                   .expected = {labels, scores}});
}

void AddBinaryCases(std::vector<OpCase>& cases) {
  const Tensor examples = Tensor::Of<double>({3, 1}, {2, 0, -1});
  const auto attributes = [](const std::string& transform) {
    return std::vector<Attribute>{{"coefficients", Floats{1}},
                                  {"classlabels_strings", std::vector<std::string>{"no", "yes"}},
                                  {"post_transform", transform}};
  };
  const Tensor labels = Tensor::Vector<std::string>({"yes", "no", "no"});
  AddCase(cases, "binary", attributes("NONE"), examples, labels,
          Tensor::Of<double>({3, 2}, {-1, 2, 1, 0, 2, -1}));
  AddCase(cases, "binary_logistic", attributes("LOGISTIC"), examples, labels,
          Tensor::Of<double>({3, 2}, {0.11920292202211755, 0.88079707797788243, 0.5, 0.5,
                                      0.7310585786300049, 0.2689414213699951}));
  AddCase(cases, "binary_softmax", attributes("SOFTMAX"), examples, labels,
          Tensor::Of<double>({3, 2}, {0.017986209962091559, 0.98201379003790845, 0.5, 0.5,
                                      0.88079707797788243, 0.11920292202211755}));
  AddCase(cases, "binary_probit", attributes("PROBIT"), Tensor::Of<double>({1, 1}, {0.2}),
          Tensor::Vector<std::string>({"yes"}),
          Tensor::Of<double>({1, 2}, {0.84162123357291418, -0.84162123357291418}));
  AddCase(cases, "binary_without_labels",
          {{"coefficients", Floats{1}}, {"intercepts", Floats{0.5F}}}, examples,
          Tensor::Vector<int64_t>({1, 1, 0}), Tensor::Of<double>({3, 1}, {2.5, 0.5, -0.5}));
}

void Cases(std::vector<OpCase>& cases) {
  const auto attributes = [](const std::string& transform) {
    return std::vector<Attribute>{{"coefficients", Floats{1, 1, 0.5F, -1, 0, 2}},
                                  {"intercepts", Floats{0, 1, -1}},
                                  {"classlabels_ints", std::vector<int64_t>{7, 8, -9}},
                                  {"multi_class", int64_t{1}},
                                  {"post_transform", transform}};
  };
  const Tensor examples = Tensor::Of<double>({2, 2}, {1, 2, 0, 0});
  const Tensor labels = Tensor::Vector<int64_t>({7, 8});
  AddCase(cases, "first_of_equal_scores", attributes("NONE"), examples, labels,
          Tensor::Of<double>({2, 3}, {3, -0.5, 3, 0, 1, -1}));
  AddCase(cases, "logistic", attributes("LOGISTIC"), examples, labels,
          Tensor::Of<double>({2, 3}, {0.9525741268224334, 0.3775406687981454, 0.9525741268224334,
                                      0.5, 0.7310585786300049, 0.2689414213699951}));
  AddCase(
      cases, "softmax", attributes("SOFTMAX"), Tensor::Of<int32_t>({1, 2}, {0, 0}),
      Tensor::Vector<int64_t>({8}),
      Tensor::Of<double>({1, 3}, {0.24472847105479764, 0.6652409557748218, 0.09003057317038046}));
  AddCase(cases, "softmax_zero", attributes("SOFTMAX_ZERO"), Tensor::Of<float>({1, 2}, {0, 0}),
          Tensor::Vector<int64_t>({8}),
          Tensor::Of<double>({1, 3}, {0, 0.88079707797788243, 0.11920292202211755}));
  AddCase(cases, "no_examples", attributes("NONE"), Tensor::Of<float>({0, 2}, {}),
          Tensor::Of<int64_t>({0}, {}), Tensor::Of<float>({0, 3}, {}));
  AddBinaryCases(cases);
}

}  // namespace

extern const OpDef kMlLinearClassifier;
const OpDef kMlLinearClassifier = {.name = "LinearClassifier",
                                   .domain = kMlDomain,
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
