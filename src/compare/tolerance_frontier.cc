#include "compare/tolerance_frontier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "compare/compare_pair.h"

namespace assay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> IfFinite(double tolerance) {
  return std::isfinite(tolerance) ? std::optional(tolerance) : std::nullopt;
}

std::optional<double> If(bool condition, double tolerance) {
  return condition ? IfFinite(tolerance) : std::nullopt;
}

// The smallest solution that `passes`, which a rounded one may just miss.
template <typename Solve, typename Passes>
double RoundedUp(double difference, Solve solve, Passes passes) {
  double solution = solve(difference);
  double step = std::nextafter(difference, kInfinity) - difference;
  for (; std::isfinite(solution) && !passes(solution); step *= 2) {
    solution = solve(difference + step);
  }
  return solution;
}

double RelativeFor(double difference, double magnitude, double absolute) {
  if (difference <= absolute) return 0;
  if (magnitude == 0) return kInfinity;
  return RoundedUp(
      difference, [&](double d) { return (d - absolute) / magnitude; },
      [&](double relative) { return difference <= absolute + relative * magnitude; });
}

double AbsoluteFor(double difference, double magnitude, double relative) {
  const double allowed = relative * magnitude;
  if (difference <= allowed) return 0;
  if (std::isnan(allowed)) return difference;
  return RoundedUp(
      difference, [&](double d) { return d - allowed; },
      [&](double absolute) { return difference <= absolute + allowed; });
}

std::string ObstacleOf(const OutputComparison& comparison) {
  std::vector<std::string> reasons;
  ExplainSpecialValues(comparison, &reasons);
  if (reasons.empty()) return "some differences are too large for a number";
  return fmt::format("{}", fmt::join(reasons, "; "));
}

void SetEither(const OutputComparison& comparison, const EitherToleranceSweep& sweep,
               ToleranceFrontier* frontier) {
  frontier->min_relative_at_absolute = IfFinite(sweep.relative_at_absolute);
  frontier->min_absolute_at_relative = sweep.absolute_at_relative;
  // From absolute 0 upward, every point must buy a smaller relative tolerance.
  std::vector<Tolerance> points;
  double least = kInfinity;
  const std::vector<Tolerance> upward(sweep.at_grid.rbegin(), sweep.at_grid.rend());
  for (const Tolerance& point : upward) {
    if (point.relative >= least) continue;
    points.push_back(point);
    least = point.relative;
  }
  if (least > 0) points.push_back({comparison.absolute_difference.max.value, 0});
  frontier->points.assign(points.rbegin(), points.rend());
}

// Two figures of which one, or under the strict rule each, must be within its tolerance.
void SetScalars(Tolerance required, const CompareOptions& options, ToleranceFrontier* frontier) {
  const bool absolute_passes = required.absolute <= options.tolerance.absolute;
  const bool relative_passes = required.relative <= options.tolerance.relative;
  if (options.rule == ToleranceRule::kStrict) {
    frontier->points.push_back(required);
    frontier->min_relative_at_absolute = If(absolute_passes, required.relative);
    frontier->min_absolute_at_relative = If(relative_passes, required.absolute);
    return;
  }
  if (std::isfinite(required.absolute)) frontier->points.push_back({required.absolute, 0});
  if (std::isfinite(required.relative) && required.absolute != 0) {
    frontier->points.push_back({0, required.relative});
  }
  frontier->min_relative_at_absolute = absolute_passes ? 0 : IfFinite(required.relative);
  frontier->min_absolute_at_relative = relative_passes ? 0 : IfFinite(required.absolute);
}

}  // namespace

std::vector<double> ToleranceGrid(double largest) {
  constexpr int kDecades = 8;
  std::vector<double> grid;
  if (!(largest > 0) || !std::isfinite(largest)) return grid;
  const int top = static_cast<int>(std::floor(std::log10(largest)));
  for (int decade = top; decade > top - kDecades; --decade) {
    for (const char digit : {'5', '2', '1'}) {
      // Read from text, they are the numbers that a user would type.
      const std::string text = fmt::format("{}e{}", digit, decade);
      double value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      if (value > 0 && value < largest) grid.push_back(value);
    }
  }
  return grid;
}

void SumToleranceSweep::Add(double difference, double reference, Tolerance tolerance) {
  if (difference == 0) return;
  const double magnitude = std::fabs(reference);
  relative_at_zero = std::max(relative_at_zero, RelativeFor(difference, magnitude, 0));
  relative_at_absolute =
      std::max(relative_at_absolute, RelativeFor(difference, magnitude, tolerance.absolute));
  absolute_at_relative =
      std::max(absolute_at_relative, AbsoluteFor(difference, magnitude, tolerance.relative));
}

void SumToleranceSweep::Append(const SumToleranceSweep& later) {
  relative_at_zero = std::max(relative_at_zero, later.relative_at_zero);
  relative_at_absolute = std::max(relative_at_absolute, later.relative_at_absolute);
  absolute_at_relative = std::max(absolute_at_relative, later.absolute_at_relative);
}

ToleranceFrontier MakeToleranceFrontier(const OutputComparison& comparison,
                                        const EitherToleranceSweep& either,
                                        const SumToleranceSweep& sum) {
  ToleranceFrontier frontier;
  const CompareOptions& options = comparison.options;
  const Tolerance required = RequiredTolerance(comparison, options.error_stat);
  const bool strict = options.rule == ToleranceRule::kStrict;
  const bool elementwise = options.error_stat == ErrorStat::kElementwise;
  const bool absolute_is_finite = std::isfinite(required.absolute);
  const bool relative_is_finite = std::isfinite(required.relative);
  // Elements without a finite difference meet no tolerance; a statistic needs one of its two.
  const bool passable = strict        ? absolute_is_finite && relative_is_finite
                        : elementwise ? absolute_is_finite
                                      : absolute_is_finite || relative_is_finite;
  if (!passable) {
    frontier.obstacle = ObstacleOf(comparison);
  } else if (strict || !elementwise) {
    SetScalars(required, options, &frontier);
  } else if (options.rule == ToleranceRule::kPolygraphy) {
    SetEither(comparison, either, &frontier);
  } else {
    frontier.points.push_back({required.absolute, 0});
    if (required.absolute > 0 && std::isfinite(sum.relative_at_zero)) {
      frontier.points.push_back({0, sum.relative_at_zero});
    }
    frontier.min_relative_at_absolute = IfFinite(sum.relative_at_absolute);
    frontier.min_absolute_at_relative = IfFinite(sum.absolute_at_relative);
  }
  return frontier;
}

}  // namespace assay
