#include "report/frontier_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/python_text.h"

namespace assay {
namespace {

constexpr size_t kMostPoints = 6;

std::string Least(std::string_view name, std::optional<double> value) {
  return value ? fmt::format("{}={}", name, GeneralNumberUp(*value)) : fmt::format("no {}", name);
}

}  // namespace

std::string FrontierText(const OutputComparison& comparison) {
  const ToleranceFrontier& frontier = comparison.frontier;
  if (!frontier.obstacle.empty()) return "No tolerances pass: " + frontier.obstacle;
  if (frontier.points.empty()) return "";
  std::string line = fmt::format(
      "Smallest tolerances that pass: {} with abs={}, {} with rel={}; pairs (abs, rel):",
      Least("rel", frontier.min_relative_at_absolute),
      ExactNumber(comparison.options.tolerance.absolute),
      Least("abs", frontier.min_absolute_at_relative),
      ExactNumber(comparison.options.tolerance.relative));
  const size_t count = frontier.points.size();
  const size_t shown = std::min(count, kMostPoints);
  for (size_t i = 0; i < shown; ++i) {
    const size_t index = shown == 1 ? 0 : i * (count - 1) / (shown - 1);
    const Tolerance& point = frontier.points[index];
    line += fmt::format(" ({}, {})", GeneralNumberUp(point.absolute, 3),
                        GeneralNumberUp(point.relative, 3));
  }
  return line;
}

}  // namespace assay
