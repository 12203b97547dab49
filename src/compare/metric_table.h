#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "compare/comparison.h"

namespace assay {

// One figure of a comparison, by name: what reports print, JSON stores and a build may constrain.
struct MetricDef {
  std::string_view name;         // "max_abs", "relative_l2": stable
  std::string_view unit;         // "" | "ulp" | "dB" | "elements" | "output": the output's own unit
  std::string_view description;  // one line
  bool higher_is_better = false;
  // nullopt where the comparison has no such figure (integers have no ULP, logits need
  // probabilities).
  std::optional<double> (*read)(const OutputComparison& comparison) = nullptr;
};

std::span<const MetricDef> AllMetrics();
const MetricDef* FindMetric(std::string_view name);

}  // namespace assay
