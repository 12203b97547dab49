#include "compare/logit_view.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/element_order.h"
#include "compare/float_formats.h"

namespace assay {
namespace {

// A type whose floor is coarser than this cannot tell probabilities from noise.
constexpr double kCoarsestFloor = 0.125;

template <typename Real>
ElementValue FromExcess(const SelectedMax<OrderedKey<Real>>& max) {
  if (max.index < 0) return {};
  return {std::log1p(static_cast<double>(ValueOfKey<Real>(max.key))), max.index};
}

std::string ExplainLogits(const LogitView& view, double largest_relative) {
  if (view.with_logits == 0) return "no element has a finite logit on both sides";
  if (view.max_logit_error.index < 0) return "the logits agree wherever both sides have one";
  if (view.is_floor_effect) {
    const bool relative_too = view.max_relative_error_above_floor.value < largest_relative;
    return fmt::format(
        "the largest {} error ({:.5g}) is an effect of the rounding floor near zero: where the "
        "sides differ by more than {:.3g}, the largest logit error is {:.5g}",
        relative_too ? "relative" : "logit",
        relative_too ? largest_relative : view.max_logit_error.value, view.floor,
        view.max_logit_error_above_floor.value);
  }
  return fmt::format(
      "the logits themselves differ, by up to {:.5g}{}: not an effect of the rounding floor "
      "({:.3g})",
      view.max_logit_error.value,
      view.above_floor > 0
          ? fmt::format(", {:.5g} above the floor", view.max_logit_error_above_floor.value)
          : std::string(),
      view.floor);
}

std::string Explain(const LogitView& view, const OutputComparison& comparison) {
  std::string logits = ExplainLogits(view, comparison.relative_difference.finite_max.value);
  if (view.output_outside == 0) return logits;
  return fmt::format("{} of {} outputs are not in [0, 1], the first at {}; of the rest, {}",
                     view.output_outside, comparison.output.count,
                     CoordinatesOf(comparison.shape, view.first_outside), logits);
}

}  // namespace

double RoundingFloor(DType dtype) { return 4 * std::ldexp(1.0, -1 - FractionBits(dtype)); }

DType NarrowerType(DType a, DType b) { return DTypeBits(b) < DTypeBits(a) ? b : a; }

bool IsProbability(const OutputComparison& comparison) {
  const Statistics& reference = comparison.reference;
  return IsFloating(comparison.output_dtype) && IsFloating(comparison.reference_dtype) &&
         reference.count > 0 && reference.min.value >= 0 && reference.max.value <= 1 &&
         reference.max.value > 0 &&
         RoundingFloor(NarrowerType(comparison.output_dtype, comparison.reference_dtype)) <=
             kCoarsestFloor;
}

template <typename Real>
LogitView MakeLogitView(const LogitSweep<Real>& sweep, double floor,
                        const OutputComparison& comparison) {
  LogitView view;
  view.floor = floor;
  view.max_logit_error = FromExcess<Real>(sweep.logit);
  view.max_log_error = FromExcess<Real>(sweep.log);
  view.max_logit_error_above_floor = FromExcess<Real>(sweep.logit_above_floor);
  view.max_log_error_above_floor = FromExcess<Real>(sweep.log_above_floor);
  view.max_relative_error_above_floor = {
      static_cast<double>(ValueOfKey<Real>(sweep.relative_above_floor.key)),
      sweep.relative_above_floor.index};
  view.above_floor = sweep.above_floor;
  view.output_below_floor = sweep.output_below_floor;
  view.reference_below_floor = sweep.reference_below_floor;
  view.output_outside = sweep.output_outside;
  view.first_outside = sweep.first_outside;
  view.saturated = sweep.saturated;
  view.with_logits = sweep.with_logits;
  // An error that the logits really have shows at every probability, so also above the floor.
  view.is_floor_effect = view.max_logit_error.value > 0 &&
                         view.max_logit_error_above_floor.value * 8 < view.max_logit_error.value;
  view.explanation = Explain(view, comparison);
  return view;
}

template LogitView MakeLogitView(const LogitSweep<float>&, double, const OutputComparison&);
template LogitView MakeLogitView(const LogitSweep<double>&, double, const OutputComparison&);

}  // namespace assay
