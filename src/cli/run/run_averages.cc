#include "cli/run/run_averages.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "report/comparison_log.h"
#include "report/python_text.h"

namespace assay {
namespace {

// `index`: of the function among those selected.
Result<FunctionReport> AverageFunction(const PairReport& pair, const ComparisonSettings& settings,
                                       const std::string& output, size_t index) {
  FunctionReport report;
  report.function = settings.functions[index];
  double absolute = 0;
  double relative = 0;
  double count = 0;
  for (const IterationReport& iteration : pair.iterations) {
    for (const OutputReport& one : iteration.outputs) {
      if (one.output != output) continue;
      if (!one.comparison || !one.comparison->compared) {
        return Status(
            StatusCode::kInvalidInput,
            fmt::format("Output: {} | Cannot compute an averaged comparison because at "
                        "least one iteration produced no comparable metrics (e.g. a shape "
                        "mismatch).",
                        output),
            "run without --check-average to see the single iterations");
      }
      const FunctionReport& function = one.functions[index];
      report.threshold = function.threshold;
      report.tolerance = function.tolerance;
      report.value += function.value;
      const Tolerance required =
          RequiredTolerance(*one.comparison, one.comparison->options.error_stat);
      absolute += required.absolute;
      relative += required.relative;
      ++count;
    }
  }
  report.value /= count;
  const CompareFunctionDef& def = CompareFunctionOf(report.function);
  bool passed = false;
  if (report.function == CompareFunction::kSimple) {
    const Tolerance tolerance = {settings.parameters.AbsoluteFor(output).value,
                                 settings.parameters.RelativeFor(output).value};
    passed =
        WithinTolerance(absolute / count, relative / count, tolerance, settings.parameters.rule);
    if (!passed) {
      report.reasons.push_back(fmt::format(
          "{} abs={} and rel={} exceed abs={}, rel={}",
          ErrorStatName(settings.parameters.ErrorStatFor(output)), GeneralNumber(absolute / count),
          GeneralNumber(relative / count), report.tolerance.absolute, report.tolerance.relative));
    }
  } else {
    passed =
        def.higher_is_better ? report.value >= report.threshold : report.value <= report.threshold;
    if (!passed) {
      report.reasons.push_back(ThresholdText(def, report.value, report.threshold, false));
    }
  }
  report.verdict = passed ? Verdict::kPass : Verdict::kFail;
  return report;
}

}  // namespace

Result<std::vector<AverageReport>> AverageIterations(const PairReport& pair,
                                                     const ComparisonSettings& settings) {
  std::vector<AverageReport> averages;
  std::vector<std::string> names;
  for (const IterationReport& iteration : pair.iterations) {
    for (const OutputReport& output : iteration.outputs) {
      if (std::ranges::find(names, output.output) == names.end()) names.push_back(output.output);
    }
  }
  for (const std::string& name : names) {
    AverageReport average;
    average.output = name;
    std::vector<Verdict> verdicts;
    for (size_t i = 0; i < settings.functions.size(); ++i) {
      ASSAY_ASSIGN_OR_RETURN(FunctionReport report, AverageFunction(pair, settings, name, i));
      verdicts.push_back(report.verdict);
      average.functions.push_back(std::move(report));
    }
    average.verdict = CombineVerdicts(verdicts);
    averages.push_back(std::move(average));
  }
  return averages;
}

void LogAverages(const PairReport& pair, LogSink& log) {
  const auto severity_of = [](bool passed) {
    return passed ? Severity::kFinish : Severity::kError;
  };
  const auto passed = std::ranges::count(pair.averages, Verdict::kPass, &AverageReport::verdict);
  const auto total = static_cast<ptrdiff_t>(pair.averages.size());
  log.Write(severity_of(passed == total),
            fmt::format("Accuracy Summary | {} vs. {} | Passed: {}/{} outputs", pair.first,
                        pair.second, passed, total));
  const LogIndent indent(log);
  for (const AverageReport& average : pair.averages) {
    const bool ok = average.verdict == Verdict::kPass;
    log.Write(severity_of(ok), fmt::format("{} | {}:", average.output, ok ? "PASSED" : "FAILED"));
    const LogIndent deeper(log);
    for (const FunctionReport& function : average.functions) {
      const CompareFunctionDef& def = CompareFunctionOf(function.function);
      if (!def.has_threshold) continue;
      const bool function_ok = function.verdict == Verdict::kPass;
      log.Write(severity_of(function_ok),
                ThresholdText(def, function.value, function.threshold, function_ok));
    }
  }
}

}  // namespace assay
