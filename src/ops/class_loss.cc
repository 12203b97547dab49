#include "ops/class_loss.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/compensated_sum.h"

namespace assay {
namespace {

Status CheckReduction(const OpContext& context) {
  const std::string reduction = context.String("reduction");
  if (reduction == "none" || reduction == "sum" || reduction == "mean") return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"reduction\": expected none, sum or mean, got \"{}\"", reduction));
}

bool Contradict(const Dim& a, const Dim& b) {
  return a.IsKnown() && b.IsKnown() && a.value() != b.value();
}

// Null shapes are not known.
Status CheckShapes(const SymbolicShape* scores, const SymbolicShape* classes,
                   const SymbolicShape* weights) {
  if (scores != nullptr && scores->size() < 2) {
    return OpContext::Invalid(fmt::format(
        "shape of the scores: expected (N, C) or (N, C, d1, ...), got {}", ToString(*scores)));
  }
  if (weights != nullptr &&
      (weights->size() != 1 || (scores != nullptr && Contradict((*weights)[0], (*scores)[1])))) {
    return OpContext::Invalid(
        fmt::format("shape of the weights: expected one for each of {} classes, got {}",
                    scores == nullptr ? "the" : (*scores)[1].ToString(), ToString(*weights)));
  }
  if (scores == nullptr || classes == nullptr) return OkStatus();
  bool fits = classes->size() + 1 == scores->size();
  for (size_t axis = 0; fits && axis < classes->size(); ++axis) {
    fits = !Contradict((*classes)[axis], (*scores)[axis == 0 ? 0 : axis + 1]);
  }
  if (fits) return OkStatus();
  return OpContext::Invalid(
      fmt::format("shape of the labels: expected that of the scores {} without axis 1, got {}",
                  ToString(*scores), ToString(*classes)));
}

// Where the samples lie, and what is to be done with the class of each.
struct Samples {
  int64_t classes = 0;
  AxisLines lines;
  std::vector<int64_t> labels;
  std::optional<int64_t> ignored;
  const double* weights = nullptr;

  bool IsIgnored(int64_t label) const { return ignored && *ignored == label; }
  double WeightOf(int64_t label) const { return weights == nullptr ? 1.0 : weights[label]; }
};

Status CheckLabels(const Samples& samples) {
  for (const int64_t label : samples.labels) {
    if (samples.IsIgnored(label) || (label >= 0 && label < samples.classes)) continue;
    return OpContext::Invalid(
        fmt::format("label: expected a class in [0, {}), got {}", samples.classes, label),
        "labels that are to be left out are named by the attribute ignore_index");
  }
  return OkStatus();
}

double Reduce(const Samples& samples, std::span<const double> losses, bool mean) {
  CompensatedSum loss;
  CompensatedSum weight;
  for (size_t i = 0; i < losses.size(); ++i) {
    loss.Add(losses[i]);
    const int64_t label = samples.labels[i];
    if (!samples.IsIgnored(label)) weight.Add(samples.WeightOf(label));
  }
  return mean ? loss.value() / weight.value() : loss.value();
}

}  // namespace

Status InferClassLoss(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckReduction(context));
  const SymbolicShape* scores = context.InputShape(0);
  const SymbolicShape* labels = context.InputShape(1);
  ASSAY_RETURN_IF_ERROR(CheckShapes(scores, labels, context.InputShape(2)));
  std::optional<SymbolicShape> output;
  if (context.String("reduction") != "none") {
    output = SymbolicShape{};
  } else if (scores != nullptr) {
    output = *scores;
    output->erase(output->begin() + 1);
    for (size_t axis = 0; labels != nullptr && axis < output->size(); ++axis) {
      if (!(*output)[axis].IsKnown()) (*output)[axis] = (*labels)[axis];
    }
  } else if (labels != nullptr) {
    output = *labels;
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

Status CheckClassLoss(const ReferenceContext& context) {
  const SymbolicShape scores = ToSymbolic(context.Input(0).shape());
  const SymbolicShape labels = ToSymbolic(context.Input(1).shape());
  if (!context.HasInput(2)) return CheckShapes(&scores, &labels, nullptr);
  const SymbolicShape weights = ToSymbolic(context.Input(2).shape());
  return CheckShapes(&scores, &labels, &weights);
}

Status ReduceClassLoss(ReferenceContext& context, const double* log_probabilities) {
  const Shape& scores = context.Input(0).shape();
  Samples samples = {.classes = scores[1],
                     .lines = LinesAlong(scores, 1),
                     .labels = context.IntValues(1),
                     .ignored = std::nullopt,
                     .weights = context.HasInput(2) ? context.Doubles(2).data() : nullptr};
  if (context.HasAttribute("ignore_index")) samples.ignored = context.Int("ignore_index");
  ASSAY_RETURN_IF_ERROR(CheckLabels(samples));

  Tensor losses = Tensor::Allocate(DType::kFloat64, context.Input(1).shape());
  const std::span<double> loss = losses.mutable_data<double>();
  ForEachSlice(context.threads(), losses.elements(), 1, [&](int64_t sample) {
    const auto i = static_cast<size_t>(sample);
    const int64_t label = samples.labels[i];
    loss[i] = samples.IsIgnored(label)
                  ? 0
                  : -log_probabilities[samples.lines.Start(sample) + label * samples.lines.inner] *
                        samples.WeightOf(label);
  });
  const std::string reduction = context.String("reduction");
  if (reduction != "none") losses = Tensor::Scalar(Reduce(samples, loss, reduction == "mean"));
  context.SetOutput(0, std::move(losses));
  return OkStatus();
}

}  // namespace assay
