#include "compare/metric_table.h"

#include <array>

namespace assay {
namespace {

using Comparison = OutputComparison;
using Value = std::optional<double>;

constexpr MetricDef kMetrics[] = {
    {.name = "max_abs",
     .unit = "output",
     .description = "largest absolute difference",
     .read = [](const Comparison& c) -> Value { return c.absolute_difference.max.value; }},
    {.name = "mean_abs",
     .unit = "output",
     .description = "mean absolute difference",
     .read = [](const Comparison& c) -> Value { return c.absolute_difference.mean; }},
    {.name = "max_rel",
     .description = "largest difference relative to the reference element",
     .read = [](const Comparison& c) -> Value { return c.relative_difference.max.value; }},
    {.name = "mean_rel",
     .description = "mean difference relative to the reference element",
     .read = [](const Comparison& c) -> Value { return c.relative_difference.mean; }},
    {.name = "relative_l2",
     .description = "L2 norm of the difference over that of the reference",
     .read = [](const Comparison& c) -> Value { return c.global.relative_l2; }},
    {.name = "l2",
     .unit = "output",
     .description = "L2 norm of the difference",
     .read = [](const Comparison& c) -> Value { return c.global.l2; }},
    {.name = "rms",
     .unit = "output",
     .description = "root mean square of the difference",
     .read = [](const Comparison& c) -> Value { return c.global.root_mean_square; }},
    {.name = "max_over_max",
     .description = "largest absolute difference over the largest reference magnitude",
     .read = [](const Comparison& c) -> Value { return c.global.max_over_max; }},
    {.name = "max_over_rms",
     .description = "largest absolute difference over the root mean square of the reference",
     .read = [](const Comparison& c) -> Value { return c.global.max_over_rms; }},
    {.name = "max_ulp",
     .unit = "ulp",
     .description = "largest distance in representable values of the output's type",
     .read = [](const Comparison& c) -> Value {
       if (!c.ulp.applicable || c.ulp.count == 0) return std::nullopt;
       return static_cast<double>(c.ulp.max);
     }},
    {.name = "cosine_similarity",
     .description = "cosine of the angle between output and reference",
     .higher_is_better = true,
     .read = [](const Comparison& c) -> Value { return c.global.cosine_similarity; }},
    {.name = "psnr",
     .unit = "dB",
     .description =
         "peak signal-to-noise ratio, the output's signed maximum (1 if not above 0) as the peak",
     .higher_is_better = true,
     .read = [](const Comparison& c) -> Value { return c.global.psnr_decibel; }},
    {.name = "snr",
     .unit = "dB",
     .description = "signal-to-noise ratio, the output as the signal",
     .higher_is_better = true,
     .read = [](const Comparison& c) -> Value { return c.global.snr_decibel; }},
    {.name = "max_logit",
     .description = "largest difference of logits, for probabilities",
     .read = [](const Comparison& c) -> Value {
       if (!c.logit) return std::nullopt;
       return c.logit->max_logit_error.value;
     }},
    {.name = "max_logit_above_floor",
     .description = "the same over elements whose difference exceeds the rounding floor",
     .read = [](const Comparison& c) -> Value {
       if (!c.logit) return std::nullopt;
       return c.logit->max_logit_error_above_floor.value;
     }},
    {.name = "mismatches_polygraphy",
     .unit = "elements",
     .description = "elements that miss both tolerances",
     .read = [](const Comparison& c) -> Value {
       return static_cast<double>(c.mismatches.polygraphy);
     }},
    {.name = "mismatches_allclose",
     .unit = "elements",
     .description = "elements that miss atol + rtol * |reference|",
     .read = [](const Comparison& c) -> Value {
       return static_cast<double>(c.mismatches.allclose);
     }},
    {.name = "mismatches_strict",
     .unit = "elements",
     .description = "elements that miss either tolerance",
     .read = [](const Comparison& c) -> Value { return static_cast<double>(c.mismatches.strict); }},
    {.name = "nan_mismatches",
     .unit = "elements",
     .description = "elements that are NaN on one side only",
     .read = [](const Comparison& c) -> Value {
       return static_cast<double>(c.special_differences.nan);
     }},
    {.name = "infinity_mismatches",
     .unit = "elements",
     .description = "elements whose infinities differ",
     .read = [](const Comparison& c) -> Value {
       return static_cast<double>(c.special_differences.infinity);
     }},
};

}  // namespace

std::span<const MetricDef> AllMetrics() { return kMetrics; }

const MetricDef* FindMetric(std::string_view name) {
  for (const MetricDef& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace assay
