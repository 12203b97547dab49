#include "compare/compare_function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/near_names.h"
#include "compare/compare_pair.h"

namespace assay {
namespace {

constexpr std::array<CompareFunctionDef, 7> kFunctions = {{
    {.function = CompareFunction::kSimple, .name = "simple", .label = "simple"},
    {.function = CompareFunction::kIndices, .name = "indices", .label = "indices"},
    {.function = CompareFunction::kL2,
     .name = "l2",
     .label = "L2 Norm",
     .has_threshold = true,
     .default_threshold = 1e-5,
     .read = [](const OutputComparison& comparison) { return comparison.global.l2; }},
    {.function = CompareFunction::kCosineSimilarity,
     .name = "cosine_similarity",
     .label = "Cosine Similarity",
     .has_threshold = true,
     .default_threshold = 0.997,
     .higher_is_better = true,
     .read =
         [](const OutputComparison& comparison) { return comparison.global.cosine_similarity; }},
    {.function = CompareFunction::kPsnr,
     .name = "psnr",
     .label = "PSNR",
     .unit = " dB",
     .has_threshold = true,
     .default_threshold = 30,
     .higher_is_better = true,
     .read = [](const OutputComparison& comparison) { return comparison.global.psnr_decibel; }},
    {.function = CompareFunction::kSnr,
     .name = "snr",
     .label = "SNR",
     .unit = " dB",
     .has_threshold = true,
     .default_threshold = 20,
     .higher_is_better = true,
     .read = [](const OutputComparison& comparison) { return comparison.global.snr_decibel; }},
    {.function = CompareFunction::kPerceptualMetrics,
     .name = "perceptual_metrics",
     .label = "LPIPS"},
}};

struct Alias {
  std::string_view name;
  std::array<CompareFunction, 2> functions;
  size_t count;
};

constexpr std::array<Alias, 3> kAliases = {{
    {"distance_metrics", {CompareFunction::kL2, CompareFunction::kCosineSimilarity}, 2},
    {"quality_metrics", {CompareFunction::kPsnr, CompareFunction::kSnr}, 2},
    {"lpips", {CompareFunction::kPerceptualMetrics}, 1},
}};

std::vector<CompareFunction> FunctionsOf(std::string_view name) {
  for (const CompareFunctionDef& def : kFunctions) {
    if (def.name == name) return {def.function};
  }
  for (const Alias& alias : kAliases) {
    if (alias.name == name) return {alias.functions.begin(), alias.functions.begin() + alias.count};
  }
  return {};
}

}  // namespace

std::span<const CompareFunctionDef> AllCompareFunctions() { return kFunctions; }

const CompareFunctionDef& CompareFunctionOf(CompareFunction function) {
  return kFunctions[static_cast<size_t>(function)];
}

std::vector<std::string_view> CompareFunctionNames() {
  std::vector<std::string_view> names;
  for (const CompareFunctionDef& def : kFunctions) names.push_back(def.name);
  for (const Alias& alias : kAliases) names.push_back(alias.name);
  return names;
}

Result<std::vector<CompareFunction>> ParseCompareFunctions(std::span<const std::string> names) {
  std::vector<CompareFunction> functions;
  for (const std::string& name : names) {
    const std::vector<CompareFunction> found = FunctionsOf(name);
    if (found.empty()) {
      const std::vector<std::string_view> known = CompareFunctionNames();
      std::string hint = DidYouMean(name, known);
      if (hint.empty()) hint = fmt::format("choose from {}", fmt::join(known, ", "));
      return Status(StatusCode::kUsage, fmt::format("unknown comparison function '{}'", name),
                    hint);
    }
    for (const CompareFunction function : found) {
      if (function == CompareFunction::kPerceptualMetrics) {
        return Status(
            StatusCode::kUnsupported,
            fmt::format("comparison function '{}': LPIPS needs a trained network that Assay "
                        "does not contain, so nothing would be verified",
                        name),
            "compare pictures with psnr and snr, or the network's own outputs");
      }
      if (std::find(functions.begin(), functions.end(), function) == functions.end()) {
        functions.push_back(function);
      }
    }
  }
  return functions;
}

ThresholdResult JudgeThreshold(const CompareFunctionDef& function,
                               const OutputComparison& comparison, double threshold) {
  ThresholdResult result;
  result.threshold = threshold;
  if (function.read == nullptr || !comparison.compared) {
    result.value = std::numeric_limits<double>::quiet_NaN();
    result.reasons = comparison.reasons;
    return result;
  }
  result.value = function.read(comparison);
  if (std::string vacuous = VacuousReason(comparison); !vacuous.empty()) {
    result.verdict = Verdict::kVacuous;
    result.reasons.push_back(std::move(vacuous));
    return result;
  }
  const bool passed =
      function.higher_is_better ? result.value >= threshold : result.value <= threshold;
  result.verdict = passed ? Verdict::kPass : Verdict::kFail;
  if (!passed) {
    result.reasons.push_back(fmt::format(
        "{} is {:.5g}{}, {} {:.5g}{} is allowed", function.label, result.value, function.unit,
        function.higher_is_better ? "at least" : "at most", threshold, function.unit));
    ExplainSpecialValues(comparison, &result.reasons);
  }
  DoubtPassOfConstants(comparison, &result.verdict, &result.reasons);
  return result;
}

}  // namespace assay
