#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "compare/comparison.h"

namespace assay {

// The ways to compare a pair of outputs that --compare can name.
enum class CompareFunction {
  kSimple,
  kIndices,
  kL2,
  kCosineSimilarity,
  kPsnr,
  kSnr,
  kPerceptualMetrics,
};

// One row per function. Functions with a threshold read one scalar of a comparison made by
// CompareTensors.
struct CompareFunctionDef {
  CompareFunction function;
  std::string_view name;   // as on the command line: "cosine_similarity"
  std::string_view label;  // as in the log: "Cosine Similarity"
  std::string_view unit;   // "" or " dB"
  bool has_threshold = false;
  double default_threshold = 0;
  bool higher_is_better = false;
  double (*read)(const OutputComparison& comparison) = nullptr;  // where has_threshold
};
std::span<const CompareFunctionDef> AllCompareFunctions();
const CompareFunctionDef& CompareFunctionOf(CompareFunction function);

// Every name that --compare accepts, aliases included.
std::vector<std::string_view> CompareFunctionNames();

// Names to functions: aliases expand (distance_metrics: l2, cosine_similarity; quality_metrics:
// psnr, snr; lpips: perceptual_metrics), duplicates go. Errors: kUsage for an unknown name, with
// near ones; kUnsupported for perceptual_metrics, which needs a neural network that is not part of
// Assay.
Result<std::vector<CompareFunction>> ParseCompareFunctions(std::span<const std::string> names);

// A scalar held against its threshold. NaN never passes.
struct ThresholdResult {
  double value = 0;
  double threshold = 0;
  Verdict verdict = Verdict::kFail;
  std::vector<std::string> reasons;
};
ThresholdResult JudgeThreshold(const CompareFunctionDef& function,
                               const OutputComparison& comparison, double threshold);

}  // namespace assay
