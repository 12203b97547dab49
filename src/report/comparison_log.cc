#include "report/comparison_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "report/array_text.h"
#include "report/python_text.h"
#include "report/statistics_text.h"

namespace assay {
namespace {

std::string TypeAndShape(const Tensor& tensor) {
  return fmt::format("(dtype={}, shape={})", DTypeName(tensor.dtype()), tensor.shape().ToString());
}

// Differences of integers print as integers.
Tensor AsPrinted(const Tensor& difference, const ComparedOutputs& outputs) {
  const bool integers = IsInteger(outputs.tensor0->dtype()) && IsInteger(outputs.tensor1->dtype());
  if (!integers || difference.dtype() == DType::kBool) return difference;
  Result<Tensor> converted = ConvertTensor(difference, DType::kInt64);
  return converted.ok() ? *std::move(converted) : difference;
}

// The elements at the given places, as a vector.
Tensor Gather(const Tensor& tensor, const std::vector<int64_t>& indices) {
  const DType dtype = IsFloating(tensor.dtype()) ? DType::kFloat64 : DType::kInt64;
  Tensor gathered = Tensor::Allocate(dtype, Shape{static_cast<int64_t>(indices.size())});
  for (size_t i = 0; i < indices.size(); ++i) {
    if (dtype == DType::kInt64) {
      gathered.mutable_data<int64_t>()[i] = tensor.ValueAsInt(indices[i]);
    } else {
      gathered.mutable_data<double>()[i] = tensor.ValueAsDouble(indices[i]);
    }
  }
  Result<Tensor> typed = ConvertTensor(gathered, tensor.dtype());
  return typed.ok() ? *std::move(typed) : gathered;
}

// One row of coordinates per place.
Tensor Coordinates(const std::vector<int64_t>& indices, const Shape& shape) {
  const auto rows = static_cast<int64_t>(indices.size());
  Tensor coordinates = Tensor::Allocate(DType::kInt64, Shape{rows, shape.rank()});
  auto out = coordinates.mutable_data<int64_t>();
  for (int64_t row = 0; row < rows; ++row) {
    int64_t rest = indices[static_cast<size_t>(row)];
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      out[static_cast<size_t>(row * shape.rank() + axis)] = rest % shape[axis];
      rest /= shape[axis];
    }
  }
  return coordinates;
}

void LogMismatches(const ComparedOutputs& outputs, const OutputComparison& comparison,
                   LogSink& log) {
  if (!log.IsEnabled(Severity::kExtraVerbose)) return;
  constexpr size_t kMost = 1 << 20;
  const Result<std::vector<int64_t>> indices =
      FindMismatches(*outputs.tensor0, *outputs.tensor1, comparison.options, kMost);
  if (!indices.ok()) return;
  const LogIndent indent(log);
  log.Write(Severity::kSuperVerbose,
            "Mismatched indices:\n" + ArrayText(Coordinates(*indices, comparison.shape)));
  log.Write(Severity::kExtraVerbose, fmt::format("{:35} | Mismatched values:\n{}", outputs.runner0,
                                                 ArrayText(Gather(*outputs.tensor0, *indices))));
  log.Write(Severity::kExtraVerbose, fmt::format("{:35} | Mismatched values:\n{}", outputs.runner1,
                                                 ArrayText(Gather(*outputs.tensor1, *indices))));
}

void LogWholeOutput(const std::string& runner, const std::string& name, const Tensor& tensor,
                    LogSink& log) {
  if (!log.IsEnabled(Severity::kSuperVerbose)) return;
  log.Write(Severity::kSuperVerbose,
            fmt::format("{:35} | Output: {} {}:\n{}", runner, name, TypeAndShape(tensor),
                        IndentBlock(ArrayText(tensor))));
}

}  // namespace

constexpr double kRoundingOfOne = 1e-12;

std::string ThresholdText(const CompareFunctionDef& function, double value, double threshold,
                          bool passed) {
  std::string value_text;
  std::string threshold_text;
  for (int digits = 5; digits <= 17; ++digits) {
    value_text = GeneralNumber(value, digits);
    threshold_text = GeneralNumber(threshold, digits);
    // A value that is nearly 1 does not read as 1, unless rounding made it so.
    const bool is_told = value_text != "1" || std::abs(value - 1) < kRoundingOfOne;
    if (value == threshold || (value_text != threshold_text && is_told)) break;
  }
  return fmt::format("{}: {}{} ({}: {}{}) | {}", function.label, value_text, function.unit,
                     function.higher_is_better ? "min required" : "tolerance", threshold_text,
                     function.unit, passed ? "PASSED" : "FAILED");
}

void ComparisonLog::LogStart(std::string_view label, const ComparedOutputs& outputs) {
  log_.Write(Severity::kStart, fmt::format("{} | Comparing Output: '{}' {} with '{}' {}", label,
                                           outputs.output0, TypeAndShape(*outputs.tensor0),
                                           outputs.output1, TypeAndShape(*outputs.tensor1)));
}

void ComparisonLog::LogTolerance(const ComparedOutputs& outputs, Tolerance tolerance,
                                 ErrorStat stat) {
  log_.Write(Severity::kInfo, fmt::format("Tolerance: [abs={}, rel={}] | Checking {} error",
                                          GeneralNumber(tolerance.absolute),
                                          GeneralNumber(tolerance.relative), ErrorStatName(stat)));
  LogPair(outputs);
}

void ComparisonLog::LogPair(const ComparedOutputs& outputs) {
  if (!log_.IsEnabled(Severity::kExtraVerbose)) return;
  log_.Write(Severity::kExtraVerbose,
             fmt::format("Note: Comparing {} vs. {}", outputs.runner0, outputs.runner1));
}

void ComparisonLog::LogShapeMismatch(const ComparedOutputs& outputs, bool tried_to_fit) {
  if (tried_to_fit) {
    log_.Write(Severity::kError,
               fmt::format("FAILED | Output: `{}` | Outputs of different size: {} and {}.",
                           outputs.output0, outputs.tensor0->shape().ToString(),
                           outputs.tensor1->shape().ToString()));
    return;
  }
  log_.Write(Severity::kError,
             fmt::format("FAILED | Output: `{}` | Will not compare outputs of different shapes.\n"
                         "Note: Output shapes are {} and {}.",
                         outputs.output0, outputs.tensor0->shape().ToString(),
                         outputs.tensor1->shape().ToString()));
  once_.Write(Severity::kError,
              "Note: Use --no-shape-check or set check_shapes=False to attempt to compare values "
              "anyway.");
}

void ComparisonLog::LogNotes(const OutputComparison& comparison) {
  for (const std::string& warning : comparison.warnings) log_.Write(Severity::kWarning, warning);
  for (const std::string& note : comparison.notes) log_.Write(Severity::kInfo, note);
}

void ComparisonLog::LogSimple(const ComparedOutputs& outputs, const OutputComparison& comparison,
                              const ToleranceText& tolerance, Verdict verdict) {
  LogWholeOutput(outputs.runner0, outputs.output0, *outputs.tensor0, log_);
  LogWholeOutput(outputs.runner1, outputs.output1, *outputs.tensor1, log_);
  if (IsFloating(comparison.reference_dtype) && comparison.reference_special.zero > 0) {
    once_.Write(Severity::kWarning,
                fmt::format("{:35} | Output: {}: Some values are 0. Will add a small epsilon "
                            "quantity to these when computing relative difference. Note that this "
                            "may cause some relative differences to be extremely high. ",
                            outputs.runner1, outputs.output1));
  }
  const ErrorStat stat = comparison.options.error_stat;
  if (stat == ErrorStat::kElementwise) LogMismatches(outputs, comparison, log_);

  const bool failed = verdict != Verdict::kPass && verdict != Verdict::kVacuous;
  log_.Write(Severity::kInfo, "Error Metrics: " + outputs.output0);
  {
    const LogIndent indent(log_);
    const Tolerance required = RequiredTolerance(comparison, stat);
    const NumpyRelative relative = RelativeAsNumpy(comparison);
    std::string line = fmt::format("Minimum Required Tolerance: {} error | [abs={}] OR [rel={}]",
                                   ErrorStatName(stat), GeneralNumber(required.absolute),
                                   GeneralNumber(relative.Of(stat)));
    if (stat == ErrorStat::kElementwise) {
      line += " (requirements may be lower if both abs/rel tolerances are set)";
    } else if (stat == ErrorStat::kQuantile) {
      line += fmt::format(" (quantile={})", GeneralNumber(comparison.options.error_quantile, 4));
    }
    log_.Write(Severity::kInfo, line);
    const auto differences = [&] {
      return MakeDifferences(*outputs.tensor0, *outputs.tensor1, comparison.options);
    };
    LogArray({.title = "Absolute Difference",
              .statistics = &comparison.absolute_difference,
              .histogram = &comparison.absolute_histogram,
              .shape = comparison.shape,
              .values =
                  [&] {
                    auto made = differences();
                    return made.ok() ? AsPrinted(made->absolute, outputs) : Tensor();
                  }},
             failed, log_);
    LogArray({.title = "Relative Difference",
              .statistics = &relative.statistics,
              .histogram = &relative.histogram,
              .shape = comparison.shape,
              .values =
                  [&] {
                    auto made = differences();
                    return made.ok() ? made->relative : Tensor();
                  }},
             failed, log_);
  }
  if (log_.IsEnabled(Severity::kExtraVerbose)) {
    log_.Write(Severity::kExtraVerbose,
               fmt::format("Finished comparing: '{}' {} [{}] and '{}' {} [{}]", outputs.output0,
                           TypeAndShape(*outputs.tensor0), outputs.runner0, outputs.output1,
                           TypeAndShape(*outputs.tensor1), outputs.runner1));
  }
  const std::string limits =
      fmt::format("(rel={}, abs={})", tolerance.relative, tolerance.absolute);
  switch (verdict) {
    case Verdict::kPass:
      log_.Write(Severity::kFinish,
                 fmt::format("PASSED | Output: '{}' | Difference is within tolerance {}",
                             outputs.output0, limits));
      return;
    case Verdict::kFail:
    case Verdict::kUnmatched:
      log_.Write(Severity::kError,
                 fmt::format("FAILED | Output: '{}' | Difference exceeds tolerance {}",
                             outputs.output0, limits));
      return;
    case Verdict::kVacuous:
      log_.Write(Severity::kError, fmt::format("VACUOUS | Output: '{}' | {}", outputs.output0,
                                               comparison.reasons.empty() ? "Nothing was compared"
                                                                          : comparison.reasons[0]));
      return;
  }
}

void ComparisonLog::LogThreshold(const CompareFunctionDef& function,
                                 const ThresholdResult& result) {
  const bool passed = result.verdict == Verdict::kPass;
  std::string line = ThresholdText(function, result.value, result.threshold, passed);
  if (result.verdict == Verdict::kVacuous) {
    line.replace(line.rfind("FAILED"), std::string::npos, "VACUOUS");
  }
  log_.Write(passed ? Severity::kFinish : Severity::kError, line);
}

void ComparisonLog::LogIndices(const IndexComparison& comparison, bool only_first) {
  for (const IndexMismatch& mismatch : comparison.mismatches) {
    log_.Write(Severity::kError,
               mismatch.reference_position < 0
                   ? fmt::format("FAILED | Value: {} not found in output", mismatch.value)
                   : fmt::format("FAILED | Difference exceeds index tolerance ({})",
                                 comparison.index_tolerance));
    if (only_first) return;
  }
  const auto listed = static_cast<int64_t>(comparison.mismatches.size());
  if (comparison.mismatch_count > listed) {
    log_.Write(Severity::kError,
               fmt::format("FAILED | {} more values", comparison.mismatch_count - listed));
  }
  switch (comparison.verdict) {
    case Verdict::kPass:
      log_.Write(Severity::kFinish,
                 fmt::format("PASSED | Difference is within index tolerance ({})",
                             comparison.index_tolerance));
      return;
    case Verdict::kVacuous:
      log_.Write(Severity::kError,
                 fmt::format("VACUOUS | {}", comparison.reasons.empty() ? "Nothing was compared"
                                                                        : comparison.reasons[0]));
      return;
    case Verdict::kFail:
    case Verdict::kUnmatched:
      return;
  }
}

void ComparisonLog::LogOutputs(const ComparedOutputs& outputs, const OutputComparison& comparison,
                               bool failed, ThreadPool& threads) {
  const auto log_output = [&](const std::string& title, const Tensor& tensor,
                              const Statistics& statistics, const Histogram& histogram,
                              std::optional<std::pair<double, double>> range) {
    LogArray({.title = title,
              .statistics = &statistics,
              .histogram = &histogram,
              .range = range,
              .shape = tensor.shape(),
              .values = [&] { return tensor; }},
             failed, log_);
  };
  const std::string title0 = outputs.runner0 + ": " + outputs.output0;
  const std::string title1 = outputs.runner1 + ": " + outputs.output1;
  const auto log_by_itself = [&](const std::string& title, const Tensor& tensor) {
    const Result<TensorSummary> summary = SummarizeTensor(tensor, threads);
    if (summary.ok()) {
      log_output(title, tensor, summary->statistics, summary->histogram, std::nullopt);
    }
  };
  if (!comparison.compared) {
    log_by_itself(title0, *outputs.tensor0);
    log_by_itself(title1, *outputs.tensor1);
    return;
  }
  // As Python's min() and max(), which keep the first of two that do not compare.
  const std::pair range(std::min(comparison.output.min.value, comparison.reference.min.value),
                        std::max(comparison.output.max.value, comparison.reference.max.value));
  log_output(title0, *outputs.tensor0, comparison.output, comparison.output_histogram, range);
  if (comparison.reference_shape == comparison.shape) {
    log_output(title1, *outputs.tensor1, comparison.reference, comparison.reference_histogram,
               range);
  } else {
    // The comparison saw it in another layout: places would be those of that one.
    log_by_itself(title1, *outputs.tensor1);
  }
}

}  // namespace assay
