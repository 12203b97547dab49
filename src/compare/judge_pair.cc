#include <fmt/format.h>

#include <cmath>

#include "compare/compare_pair.h"

namespace assay {
namespace {

// Coordinates of a flat index, as a tuple.
std::string At(const Shape& shape, int64_t index) {
  std::vector<int64_t> coordinates(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const int64_t extent = shape[axis];
    coordinates[static_cast<size_t>(axis)] = index % extent;
    index /= extent;
  }
  return Shape(coordinates).ToString();
}

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

void ExplainSpecialValues(OutputComparison* comparison) {
  const SpecialValueDifferences& special = comparison->special_differences;
  if (special.nan > 0) {
    comparison->reasons.push_back(
        fmt::format("{} elements are NaN on one side only, the first at {}", special.nan,
                    At(comparison->shape, special.first_nan)));
  }
  if (special.infinity > 0) {
    comparison->reasons.push_back(
        fmt::format("{} elements are infinite on one side only or differ in sign, the first at {}",
                    special.infinity, At(comparison->shape, special.first_infinity)));
  }
  const int64_t shared_nans = comparison->output.nan_count - comparison->special_differences.nan;
  if (shared_nans > 0 && comparison->reference.nan_count > 0 &&
      !comparison->options.nans_compare_equal && comparison->absolute_difference.nan_count > 0 &&
      special.nan < comparison->absolute_difference.nan_count) {
    comparison->reasons.push_back(
        fmt::format("{} elements have no difference: NaN or equal infinities on both sides",
                    comparison->absolute_difference.nan_count - special.nan));
  }
}

void JudgeElements(OutputComparison* comparison) {
  const int64_t missing = comparison->mismatches.Of(comparison->options.rule);
  if (missing == 0) {
    comparison->verdict = Verdict::kPass;
    return;
  }
  comparison->verdict = Verdict::kFail;
  comparison->reasons.push_back(fmt::format("{} of {} elements exceed {}, the first at {}", missing,
                                            comparison->output.count, RuleText(comparison->options),
                                            At(comparison->shape, comparison->first_mismatch)));
  ExplainSpecialValues(comparison);
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
  ExplainSpecialValues(comparison);
}

// Every difference of an output of zeros is |reference|, every relative one 1 (0 at 0).
bool ZeroOutputPasses(const OutputComparison& comparison) {
  const Statistics& reference = comparison.reference;
  const double largest = std::max(std::fabs(reference.min.value), std::fabs(reference.max.value));
  if (!(largest > 0) || !std::isfinite(largest)) return false;
  const Tolerance& tolerance = comparison.options.tolerance;
  if (comparison.options.rule == ToleranceRule::kAllClose) {
    return largest <= tolerance.absolute + tolerance.relative * largest;
  }
  return WithinTolerance(largest, 1, tolerance, comparison.options.rule);
}

}  // namespace

std::string VacuousReason(const OutputComparison& comparison) {
  const Statistics& output = comparison.output;
  const Statistics& reference = comparison.reference;
  if (!comparison.compared) return {};
  if (output.count == 0) return "nothing was compared: the tensors have no elements";
  if (output.nan_count == output.count && reference.nan_count == reference.count) {
    return "nothing was compared: every element is NaN on both sides";
  }
  if (comparison.output_special.zero == output.count &&
      comparison.reference_special.zero == reference.count) {
    return "the comparison could not have failed: every element is zero on both sides";
  }
  return {};
}

void DoubtPassOfConstants(const OutputComparison& comparison, Verdict* verdict,
                          std::vector<std::string>* reasons) {
  const Statistics& output = comparison.output;
  const Statistics& reference = comparison.reference;
  if (*verdict != Verdict::kPass || output.count < 2 || !IsFloating(comparison.output_dtype) ||
      !IsFloating(comparison.reference_dtype) || output.min.value != output.max.value ||
      reference.min.value != reference.max.value) {
    return;
  }
  *verdict = Verdict::kVacuous;
  reasons->push_back(fmt::format(
      "one number was compared, not {}: every element is {:.6g}, in the reference {:.6g}",
      output.count, output.min.value, reference.min.value));
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
    return;
  }
  comparison->zero_output_would_pass = ZeroOutputPasses(*comparison);
  if (comparison->options.error_stat == ErrorStat::kElementwise) {
    JudgeElements(comparison);
  } else {
    JudgeStatistic(comparison);
  }
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

}  // namespace assay
