#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare/compare_pair.h"
#include "compare/element_order.h"

namespace assay {
namespace {

std::string RuleText(const CompareOptions& options) {
  const Tolerance& tolerance = options.tolerance;
  switch (options.rule) {
    case ToleranceRule::kPolygraphy:
      return fmt::format("both the absolute tolerance {:g} and the relative tolerance {:g}",
                         tolerance.absolute, tolerance.relative);
    case ToleranceRule::kAllClose:
      return fmt::format("{:g} + {:g} * |reference|", tolerance.absolute, tolerance.relative);
    case ToleranceRule::kStrict:
      return fmt::format("the absolute tolerance {:g} or the relative tolerance {:g}",
                         tolerance.absolute, tolerance.relative);
  }
  return {};
}

void JudgeElements(OutputComparison* comparison) {
  const int64_t missing = comparison->mismatches.Of(comparison->options.rule);
  if (missing == 0) {
    comparison->verdict = Verdict::kPass;
    return;
  }
  comparison->verdict = Verdict::kFail;
  comparison->reasons.push_back(fmt::format(
      "{} of {} elements exceed {}, the first at {}", missing, comparison->output.count,
      RuleText(comparison->options), CoordinatesOf(comparison->shape, comparison->first_mismatch)));
  ExplainSpecialValues(*comparison, &comparison->reasons);
}

void JudgeStatistic(OutputComparison* comparison) {
  const CompareOptions& options = comparison->options;
  const Tolerance required = RequiredTolerance(*comparison, options.error_stat);
  if (WithinTolerance(required.absolute, required.relative, options.tolerance, options.rule)) {
    comparison->verdict = Verdict::kPass;
    return;
  }
  comparison->verdict = Verdict::kFail;
  comparison->reasons.push_back(fmt::format(
      "the {} error (absolute {:.5g}, relative {:.5g}) exceeds {}",
      ErrorStatName(options.error_stat), required.absolute, required.relative, RuleText(options)));
  ExplainSpecialValues(*comparison, &comparison->reasons);
}

// Every difference of an output of zeros is |reference|, every relative one 1 (0 at 0).
bool ZeroOutputPasses(const OutputComparison& comparison) {
  const Statistics& reference = comparison.reference;
  const double largest = std::max(std::fabs(reference.min.value), std::fabs(reference.max.value));
  if (!(largest > 0) || !std::isfinite(largest)) return false;
  const Tolerance& tolerance = comparison.options.tolerance;
  if (comparison.options.rule == ToleranceRule::kAllClose &&
      comparison.options.error_stat == ErrorStat::kElementwise) {
    return largest <= tolerance.absolute + tolerance.relative * largest;
  }
  return WithinTolerance(largest, 1, tolerance, comparison.options.rule);
}

}  // namespace

void ExplainSpecialValues(const OutputComparison& comparison, std::vector<std::string>* reasons) {
  const SpecialValueDifferences& special = comparison.special_differences;
  if (special.nan > 0) {
    reasons->push_back(fmt::format("{} elements are NaN on one side only, the first at {}",
                                   special.nan,
                                   CoordinatesOf(comparison.shape, special.first_nan)));
  }
  if (special.infinity > 0) {
    reasons->push_back(
        fmt::format("{} elements are infinite on one side only or differ in sign, the first at {}",
                    special.infinity, CoordinatesOf(comparison.shape, special.first_infinity)));
  }
  if (special.shared_nan > 0 && !comparison.options.nans_compare_equal) {
    reasons->push_back(
        fmt::format("{} elements are NaN on both sides: --nans-compare-equal lets them pass",
                    special.shared_nan));
  }
  if (special.shared_infinity > 0 && !comparison.options.infinities_compare_equal) {
    reasons->push_back(fmt::format(
        "{} elements are the same infinity on both sides: --infinities-compare-equal lets them "
        "pass",
        special.shared_infinity));
  }
}

std::string VacuousReason(const OutputComparison& comparison) {
  const Statistics& output = comparison.output;
  const Statistics& reference = comparison.reference;
  if (!comparison.compared) return {};
  if (output.count == 0) return "nothing was compared: the tensors have no elements";
  if (output.nan_count == output.count && reference.nan_count == reference.count) {
    return "nothing was compared: every element is NaN on both sides";
  }
  // A single integer 0 is an answer, as class 0 is; several are what a dead branch gives.
  const bool floating =
      IsFloating(comparison.output_dtype) && IsFloating(comparison.reference_dtype);
  if ((floating || output.count > 1) && comparison.output_special.zero == output.count &&
      comparison.reference_special.zero == reference.count) {
    return "the comparison could not have failed: every element is zero on both sides";
  }
  return {};
}

std::string ConstantReason(const OutputComparison& comparison) {
  // What two ways of computing the same constant may differ by.
  constexpr uint64_t kSameConstantUlp = 4;
  const Statistics& output = comparison.output;
  const Statistics& reference = comparison.reference;
  if (output.count < 2 || !comparison.ulp.applicable || output.min.value != output.max.value ||
      reference.min.value != reference.max.value || comparison.ulp.max > kSameConstantUlp) {
    return {};
  }
  return fmt::format("one number was compared, not {}: every element is {:.6g} on both sides",
                     output.count, reference.min.value);
}

void DoubtPassOfConstants(const OutputComparison& comparison, Verdict* verdict,
                          std::vector<std::string>* reasons) {
  if (*verdict != Verdict::kPass) return;
  std::string constant = ConstantReason(comparison);
  if (constant.empty()) return;
  *verdict = Verdict::kVacuous;
  reasons->push_back(std::move(constant));
}

void JudgePair(OutputComparison* comparison) {
  comparison->reasons.clear();
  comparison->zero_output_would_pass = false;
  if (!comparison->compared) {
    comparison->verdict = Verdict::kFail;
    comparison->reasons.push_back(fmt::format("the shapes differ: {} and {}",
                                              comparison->output_shape.ToString(),
                                              comparison->reference_shape.ToString()));
    return;
  }
  if (std::string vacuous = VacuousReason(*comparison); !vacuous.empty()) {
    comparison->verdict = Verdict::kVacuous;
    comparison->reasons.push_back(std::move(vacuous));
    comparison->frontier = {};
    return;
  }
  comparison->zero_output_would_pass = ZeroOutputPasses(*comparison);
  if (comparison->options.error_stat == ErrorStat::kElementwise) {
    JudgeElements(comparison);
  } else {
    JudgeStatistic(comparison);
  }
  if (!ConstantReason(*comparison).empty()) comparison->frontier = {};
  DoubtPassOfConstants(*comparison, &comparison->verdict, &comparison->reasons);
}

Tolerance RequiredTolerance(const OutputComparison& comparison, ErrorStat stat) {
  const Statistics& absolute = comparison.absolute_difference;
  const Statistics& relative = comparison.relative_difference;
  switch (stat) {
    case ErrorStat::kElementwise:
    case ErrorStat::kMax:
      return {absolute.max.value, relative.max.value};
    case ErrorStat::kMean:
      return {absolute.mean, relative.mean};
    case ErrorStat::kMedian:
      return {absolute.median, relative.median};
    case ErrorStat::kQuantile:
      return {comparison.quantile_absolute, comparison.quantile_relative};
  }
  return {};
}

double NumpyRelative::Of(ErrorStat stat) const {
  switch (stat) {
    case ErrorStat::kElementwise:
    case ErrorStat::kMax:
      return statistics.max.value;
    case ErrorStat::kMean:
      return statistics.mean;
    case ErrorStat::kMedian:
      return statistics.median;
    case ErrorStat::kQuantile:
      return quantile;
  }
  return {};
}

NumpyRelative RelativeAsNumpy(const OutputComparison& comparison) {
  NumpyRelative relative = {comparison.relative_difference, comparison.relative_histogram,
                            comparison.quantile_relative};
  if (comparison.first_zero_over_zero < 0) return relative;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  Statistics& s = relative.statistics;
  const int64_t first_nan = s.nan_count > 0 ? std::min(s.min.index, comparison.first_zero_over_zero)
                                            : comparison.first_zero_over_zero;
  s.mean = s.variance = s.standard_deviation = s.average_magnitude = kNan;
  s.median = s.p90 = s.p95 = s.p99 = kNan;
  s.min = s.max = {kNan, first_nan};
  for (Quantile& quantile : s.quantiles) quantile.value = kNan;
  relative.histogram = {};
  relative.quantile = kNan;
  return relative;
}

}  // namespace assay
