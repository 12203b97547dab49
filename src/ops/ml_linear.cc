#include "ops/ml_linear.h"

#include <fmt/format.h>

namespace assay {

void LinearModel::Scores(std::span<const double> x, std::span<double> scores) const {
  const std::span<const double> all(coefficients);
  for (size_t k = 0; k < scores.size(); ++k) {
    scores[k] = Dot(all.subspan(k * x.size(), x.size()), x) + intercepts[k];
  }
}

Result<LinearModel> LinearModelOf(const OpContext& context, int64_t features) {
  LinearModel model;
  model.features = features;
  model.coefficients = Doubles(context, "coefficients");
  ASSAY_ASSIGN_OR_RETURN(model.sets,
                         CountSets("coefficients", model.coefficients.size(), features));
  model.intercepts = Doubles(context, "intercepts");
  const auto sets = static_cast<size_t>(model.sets);
  if (model.intercepts.empty()) model.intercepts.resize(sets);
  if (model.intercepts.size() == sets) return model;
  return OpContext::Invalid(fmt::format(
      "attribute \"intercepts\": expected one for each of {} sets of coefficients, got {}", sets,
      model.intercepts.size()));
}

}  // namespace assay
