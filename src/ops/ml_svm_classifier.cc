#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/ml_features.h"
#include "ops/ml_pairwise.h"
#include "ops/ml_post_transform.h"
#include "ops/ml_svm.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kLabelTypes}, {"Z", kFloat32Only}},
     .attributes = {OptionalAttribute("classlabels_ints", AttributeKind::kInts),
                    OptionalAttribute("classlabels_strings", AttributeKind::kStrings),
                    OptionalAttribute("coefficients", AttributeKind::kFloats),
                    OptionalAttribute("kernel_params", AttributeKind::kFloats),
                    StringAttribute("kernel_type", "LINEAR"),
                    StringAttribute("post_transform", "NONE"),
                    OptionalAttribute("prob_a", AttributeKind::kFloats),
                    OptionalAttribute("prob_b", AttributeKind::kFloats),
                    OptionalAttribute("rho", AttributeKind::kFloats),
                    OptionalAttribute("support_vectors", AttributeKind::kFloats),
                    OptionalAttribute("vectors_per_class", AttributeKind::kInts)}},
};

// Two forms: with support vectors every pair of classes has a machine; without, every class has a
// linear function.
struct Classifier {
  SvmKernel kernel;
  PostTransform transform = PostTransform::kNone;
  ClassLabels labels;
  std::vector<double> coefficients;
  std::vector<double> vectors;
  std::vector<double> rho;
  std::vector<double> prob_a;
  std::vector<double> prob_b;
  std::vector<int64_t> vectors_per_class;
  int64_t vector_count = 0;

  int64_t classes() const { return labels.size(); }
  int64_t pairs() const { return classes() * (classes() - 1) / 2; }
  bool has_vectors() const { return vector_count > 0; }
  bool has_probabilities() const { return has_vectors() && !prob_a.empty(); }
  // The one score of two classes is given for both; that of other pairs as it is.
  int64_t scores() const {
    if (!has_vectors() || has_probabilities() || classes() == 2) return classes();
    return pairs();
  }
};

Status CheckSize(std::string_view name, size_t size, int64_t expected) {
  if (static_cast<int64_t>(size) == expected) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected {} values, got {}", name, expected, size));
}

Status CheckPairs(const Classifier& classifier) {
  const int64_t classes = classifier.classes();
  if (classes < 2) {
    return OpContext::Invalid(fmt::format("class labels: expected at least 2, got {}", classes));
  }
  ASSAY_RETURN_IF_ERROR(
      CheckSize("vectors_per_class", classifier.vectors_per_class.size(), classes));
  ASSAY_RETURN_IF_ERROR(CheckSize("rho", classifier.rho.size(), classifier.pairs()));
  ASSAY_RETURN_IF_ERROR(CheckSize("prob_b", classifier.prob_b.size(),
                                  static_cast<int64_t>(classifier.prob_a.size())));
  if (!classifier.prob_a.empty()) {
    ASSAY_RETURN_IF_ERROR(CheckSize("prob_a", classifier.prob_a.size(), classifier.pairs()));
  }
  ASSAY_ASSIGN_OR_RETURN(
      const int64_t sets,
      CountSets("coefficients", classifier.coefficients.size(), classifier.vector_count));
  if (sets == classes - 1) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"coefficients\": expected {} for each of {} support vectors, got {}",
                  classes - 1, classifier.vector_count, sets));
}

// What holds whatever the number of features.
Result<Classifier> ClassifierOf(const OpContext& context) {
  Classifier classifier;
  ASSAY_ASSIGN_OR_RETURN(classifier.transform, PostTransformOf(context));
  ASSAY_ASSIGN_OR_RETURN(classifier.kernel, SvmKernelOf(context));
  ASSAY_ASSIGN_OR_RETURN(classifier.labels,
                         ClassLabelsOf(context, "classlabels_ints", "classlabels_strings"));
  classifier.coefficients = Doubles(context, "coefficients");
  classifier.vectors = Doubles(context, "support_vectors");
  classifier.rho = Doubles(context, "rho");
  classifier.prob_a = Doubles(context, "prob_a");
  classifier.prob_b = Doubles(context, "prob_b");
  classifier.vectors_per_class = context.Ints("vectors_per_class");
  for (int64_t count : classifier.vectors_per_class) {
    if (count < 0 || count > static_cast<int64_t>(classifier.coefficients.size())) {
      return OpContext::Invalid(fmt::format(
          "attribute \"vectors_per_class\": expected numbers of support vectors, got {}", count));
    }
    classifier.vector_count += count;
  }
  if (classifier.has_vectors()) {
    ASSAY_RETURN_IF_ERROR(CheckPairs(classifier));
  } else if (classifier.classes() == 0 || classifier.rho.empty()) {
    return OpContext::Invalid("attributes: expected class labels and rho, got none");
  }
  return classifier;
}

Status FitTo(int64_t features, const Classifier& classifier) {
  const bool vectors = classifier.has_vectors();
  const std::string_view name = vectors ? "support_vectors" : "coefficients";
  const size_t size = vectors ? classifier.vectors.size() : classifier.coefficients.size();
  ASSAY_ASSIGN_OR_RETURN(const int64_t sets, CountSets(name, size, features));
  const int64_t expected = vectors ? classifier.vector_count : classifier.classes();
  if (sets == expected) return OkStatus();
  return OpContext::Invalid(fmt::format("attribute \"{}\": expected {} sets of {} features, got {}",
                                        name, expected, features, sets));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Classifier classifier, ClassifierOf(context));
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(FitTo(rows.features.value(), classifier));
  }
  InferClasses(context, classifier.labels, rows, Dim(classifier.scores()));
  return OkStatus();
}

// The decision of every pair of classes in the order (0, 1), (0, 2), ..., (1, 2), ...: positive for
// the first of the two. The coefficients of a vector of class i against class j stand in set j - 1
// if j > i, else in set j.
std::vector<double> PairDecisions(const Classifier& classifier, std::span<const double> x) {
  const auto count = static_cast<size_t>(classifier.vector_count);
  std::vector<double> kernels(count);
  for (size_t j = 0; j < count; ++j) {
    kernels[j] =
        classifier.kernel(x, std::span(classifier.vectors).subspan(j * x.size(), x.size()));
  }
  const auto part = [&](size_t set, size_t begin, size_t end) {
    double sum = 0;
    for (size_t v = begin; v < end; ++v)
      sum += classifier.coefficients[set * count + v] * kernels[v];
    return sum;
  };
  const auto classes = static_cast<size_t>(classifier.classes());
  std::vector<size_t> starts(classes + 1, 0);
  std::partial_sum(classifier.vectors_per_class.begin(), classifier.vectors_per_class.end(),
                   starts.begin() + 1);
  std::vector<double> decisions;
  for (size_t i = 0; i < classes; ++i) {
    for (size_t j = i + 1; j < classes; ++j) {
      decisions.push_back(part(j - 1, starts[i], starts[i + 1]) +
                          part(i, starts[j], starts[j + 1]) + classifier.rho[decisions.size()]);
    }
  }
  return decisions;
}

// Writes the scores of one example and returns the class that most pairs decide for.
int64_t ClassifyByPairs(const Classifier& classifier, std::span<const double> x,
                        std::span<double> scores) {
  const std::vector<double> decisions = PairDecisions(classifier, x);
  std::vector<double> votes(static_cast<size_t>(classifier.classes()));
  size_t pair = 0;
  for (size_t i = 0; i < votes.size(); ++i) {
    for (size_t j = i + 1; j < votes.size(); ++j) ++votes[decisions[pair++] > 0 ? i : j];
  }
  if (classifier.has_probabilities()) {
    const std::vector<double> probabilities =
        ClassProbabilities(decisions, classifier.prob_a, classifier.prob_b, classifier.classes());
    std::copy(probabilities.begin(), probabilities.end(), scores.begin());
  } else if (classifier.classes() == 2) {
    scores[0] = -decisions[0];
    scores[1] = decisions[0];
  } else {
    std::copy(decisions.begin(), decisions.end(), scores.begin());
  }
  return TopScore(votes);
}

// Of rho the linear functions use the first value alone.
int64_t ClassifyLinearly(const Classifier& classifier, std::span<const double> x,
                         std::span<double> scores) {
  for (size_t k = 0; k < scores.size(); ++k) {
    scores[k] = Dot(std::span(classifier.coefficients).subspan(k * x.size(), x.size()), x) +
                classifier.rho[0];
  }
  return TopScore(scores);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Classifier classifier, ClassifierOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_RETURN_IF_ERROR(FitTo(rows.features, classifier));
  const int64_t width = classifier.scores();
  std::vector<int64_t> tops(static_cast<size_t>(rows.count));
  const auto out = context.AllocateOutput(1, {rows.count, width}).mutable_data<double>();
  const auto work =
      static_cast<int64_t>(classifier.vectors.size() + classifier.coefficients.size());
  ForEachSlice(context.threads(), rows.count, work, [&](int64_t row) {
    const auto scores = out.subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
    tops[static_cast<size_t>(row)] = classifier.has_vectors()
                                         ? ClassifyByPairs(classifier, rows[row], scores)
                                         : ClassifyLinearly(classifier, rows[row], scores);
    Apply(classifier.transform, scores);
  });
  WriteLabels(context, classifier.labels, tops);
  return OkStatus();
}

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

void AddCase(std::vector<OpCase>& cases, const std::string& name,
             const std::vector<Attribute>& attributes, const std::vector<int64_t>& labels,
             const std::vector<double>& scores) {
  const auto width = static_cast<int64_t>(scores.size() / labels.size());
  cases.push_back(
      {.name = name,
       .attributes = attributes,
       .inputs = {Tensor::Of<double>({3, 2}, {1, 2, -1, -2, 0, 0.5})},
       .output_types = {DType::kInt64, DType::kFloat32},
       .expected = {Tensor::Vector<int64_t>(labels), Tensor::Of<double>({3, width}, scores)}});
}

std::vector<Attribute> With(std::vector<Attribute> attributes, std::vector<Attribute> more) {
  attributes.insert(attributes.end(), more.begin(), more.end());
  return attributes;
}

void AddPairCases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> vectors = {{"support_vectors", Floats{1, 0, 0, 1, -1, -1}}};
  const std::vector<Attribute> two = With(vectors, {{"kernel_type", std::string("RBF")},
                                                    {"kernel_params", Floats{0.5F, 0, 3}},
                                                    {"vectors_per_class", Ints{2, 1}},
                                                    {"coefficients", Floats{0.5F, 0.25F, -0.75F}},
                                                    {"rho", Floats{0.125F}},
                                                    {"classlabels_ints", Ints{5, 6}}});
  AddCase(cases, "two_classes", two, {5, 6, 5},
          {-0.28350992251643375, 0.28350992251643375, 0.3190556885903366, -0.3190556885903366,
           -0.4655711835024984, 0.4655711835024984});
  AddCase(cases, "two_classes_logistic", With(two, {{"post_transform", std::string("LOGISTIC")}}),
          {5, 6, 5},
          {0.4295934826765123, 0.5704065173234877, 0.579094098999004, 0.420905901000996,
           0.3856650193021214, 0.6143349806978786});
  AddCase(cases, "two_classes_softmax", With(two, {{"post_transform", std::string("SOFTMAX")}}),
          {5, 6, 5},
          {0.36192476403536505, 0.638075235964635, 0.6543264101498473, 0.3456735898501527,
           0.28269301049081846, 0.7173069895091816});
  AddCase(cases, "two_classes_probabilities",
          With(two, {{"prob_a", Floats{-1.5F}}, {"prob_b", Floats{0.25F}}}), {5, 6, 5},
          {0.5436781898112367, 0.4563218101887633, 0.32550561157782026, 0.6744943884221793,
           0.6094225937538402, 0.3905774062461599});
  const std::vector<Attribute> three =
      With(vectors, {{"kernel_type", std::string("POLY")},
                     {"kernel_params", Floats{0.5F, 1, 2}},
                     {"vectors_per_class", Ints{1, 1, 1}},
                     {"coefficients", Floats{0.5F, 0.25F, -0.75F, 0.375F, 0.625F, -0.125F}},
                     {"rho", Floats{0.125F, -0.25F, 0.375F}},
                     {"classlabels_ints", Ints{5, 6, 7}}});
  AddCase(cases, "three_classes", three, {5, 7, 5},
          {2.25, 0.40625, 2.84375, 0.25, -4.84375, -0.40625, 1.015625, -0.296875, 1.28125});
  AddCase(cases, "three_classes_softmax", With(three, {{"post_transform", std::string("SOFTMAX")}}),
          {5, 7, 5},
          {0.33681498441927454, 0.05329186921288306, 0.6098931463678424, 0.6557686072241518,
           0.004023121097588564, 0.3402082716782597, 0.38859214342427856, 0.10458815654749191,
           0.5068197000282295});
  AddCase(cases, "three_classes_probabilities",
          With(three, {{"prob_a", Floats{-1.5F, -1, -0.5F}}, {"prob_b", Floats{0.25F, 0.125F, 0}}}),
          {5, 7, 5},
          {0.6378243789418753, 0.1242760823846869, 0.23789953867343805, 0.09729290455270712,
           0.33490607316465454, 0.5678010222826382, 0.40494692105976765, 0.25770280660173844,
           0.3373502723384939});
}

void Cases(std::vector<OpCase>& cases) {
  AddPairCases(cases);
  const std::vector<Attribute> linear = {
      {"coefficients", Floats{0.5F, 0.25F, -0.75F, 0.25F, 1, -1}}, {"rho", Floats{0.125F}}};
  AddCase(cases, "linear", With(linear, {{"classlabels_ints", Ints{5, 6, 7}}}), {5, 7, 5},
          {1.125, -0.125, -0.875, -0.875, 0.375, 1.125, 0.25, 0.25, -0.375});
  cases.push_back(
      {.name = "linear_logistic_of_strings",
       .attributes = With(linear, {{"classlabels_strings", std::vector<std::string>{"a", "b", "c"}},
                                   {"post_transform", std::string("LOGISTIC")}}),
       .inputs = {Tensor::Vector<int32_t>({1, 2})},
       .output_types = {DType::kString, DType::kFloat32},
       .expected = {Tensor::Vector<std::string>({"a"}),
                    Tensor::Of<double>(
                        {1, 3}, {0.7549149868676283, 0.4687906266262437, 0.29421497216298875})}});
  cases.push_back({.name = "no_examples",
                   .attributes = With(linear, {{"classlabels_ints", Ints{5, 6, 7}}}),
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<int64_t>({0}, {}), Tensor::Of<float>({0, 3}, {})}});
}

}  // namespace

extern const OpDef kMlSVMClassifier;
const OpDef kMlSVMClassifier = {.name = "SVMClassifier",
                                .domain = kMlDomain,
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
