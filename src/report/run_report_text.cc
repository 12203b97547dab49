#include "report/run_report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "report/frontier_text.h"
#include "report/python_text.h"
#include "report/reference_steps_text.h"

namespace assay {
namespace {

// More outputs than this are summed up: those that do not pass, and the one with the largest error.
constexpr size_t kMostOutputs = 8;
// A fact that only -v shows: it is long.
constexpr std::string_view kQuietDetail = "library";

std::string Milliseconds(double seconds) { return GeneralNumber(seconds * 1e3, 4) + " ms"; }

std::string Mebibytes(size_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string BytesText(size_t bytes) {
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return Mebibytes(bytes);
}

void LogRunner(const RunnerReport& runner, LogSink& log) {
  if (!runner.source.empty()) {
    log.Write(Severity::kInfo,
              fmt::format("Runner {}: stored outputs of {}", runner.name, runner.source));
    return;
  }
  if (runner.info.library.empty()) {
    log.Write(Severity::kInfo, fmt::format("Runner {}: not started", runner.name));
    return;
  }
  std::string line =
      fmt::format("Runner {}: {} on {}", runner.name, runner.info.library, runner.info.device);
  for (const auto& [name, value] : runner.info.details) {
    if (name == kQuietDetail && !log.IsEnabled(Severity::kVerbose)) continue;
    line += fmt::format(" | {}: {}", name, value);
  }
  log.Write(Severity::kInfo, line);
  if (runner.seconds.empty()) return;
  const LogIndent indent(log);
  std::string times = fmt::format("Activated in {}, {} iteration(s) with a median of {}",
                                  Milliseconds(runner.activation_seconds), runner.seconds.size(),
                                  Milliseconds(MedianOf(runner.seconds)));
  if (runner.memory_bytes) {
    times += fmt::format(", memory grew by {}", Mebibytes(*runner.memory_bytes));
  }
  if (runner.peak_tensor_bytes > 0) {
    times += fmt::format(", at most {} of tensors at a time", BytesText(runner.peak_tensor_bytes));
  }
  log.Write(Severity::kInfo, times);
  if (runner.reference_steps != nullptr) {
    const std::string text = ReferenceStepsText(*runner.reference_steps);
    if (!text.empty()) log.Write(Severity::kInfo, text);
  }
  if (!runner.steps.empty()) {
    log.Write(Severity::kInfo, "Profile: " + runner.steps.ToString());
  }
}

void LogInputs(const InputReport& inputs, LogSink& log) {
  if (inputs.hashes.empty()) return;
  std::string line = "Inputs: " + inputs.source;
  if (inputs.seed) line += fmt::format(", seed {}", *inputs.seed);
  line += fmt::format(", {} iteration(s), hash {}", inputs.hashes.size(), inputs.hashes[0]);
  if (inputs.hashes.size() > 1) line += " of the first";
  log.Write(Severity::kInfo, line);
}

void LogSpecialValues(const OutputComparison& c, LogSink& log) {
  const auto text = [](const SpecialValues& special) {
    return fmt::format("{} NaN, {} infinite", special.nan,
                       special.positive_infinity + special.negative_infinity);
  };
  const auto total = [](const SpecialValues& special) {
    return special.nan + special.positive_infinity + special.negative_infinity;
  };
  if (total(c.output_special) + total(c.reference_special) == 0) return;
  log.Write(Severity::kInfo,
            fmt::format("Values that are not finite: {} against {}; {} NaN and {} infinities stand "
                        "on one side only",
                        text(c.output_special), text(c.reference_special),
                        c.special_differences.nan, c.special_differences.infinity));
}

// judges_tolerances: the verdict is that of the tolerances, in this iteration.
void LogOutput(const OutputReport& output, size_t iteration, bool judges_tolerances, LogSink& log) {
  const std::string head = fmt::format("Output '{}', iteration {}", output.output, iteration);
  if (!output.comparison || !output.comparison->compared) {
    log.Write(Severity::kInfo, head + ": not compared");
    return;
  }
  const OutputComparison& c = *output.comparison;
  std::string line = fmt::format("{}: max abs={} at {}, max rel={} at {}, relative L2={}", head,
                                 GeneralNumber(c.absolute_difference.max.value),
                                 IndexTuple(c.absolute_difference.max.index, c.shape),
                                 GeneralNumber(c.relative_difference.max.value),
                                 IndexTuple(c.relative_difference.max.index, c.shape),
                                 GeneralNumber(c.global.relative_l2));
  if (c.ulp.applicable && c.ulp.count > 0) {
    line += fmt::format(", max ULP={} of {} at {}", c.ulp.max, DTypeName(c.ulp.dtype),
                        IndexTuple(c.ulp.max_index, c.shape));
  }
  log.Write(Severity::kInfo, line);
  const LogIndent indent(log);
  log.Write(Severity::kInfo,
            fmt::format("Outside abs={}, rel={}: {} of {} elements where one tolerance is enough "
                        "(polygraphy), {} by their sum (allclose), {} where both must hold "
                        "(strict){}",
                        GeneralNumber(c.options.tolerance.absolute),
                        GeneralNumber(c.options.tolerance.relative), c.mismatches.polygraphy,
                        c.absolute_difference.count, c.mismatches.allclose, c.mismatches.strict,
                        c.options.rule == ToleranceRule::kPolygraphy
                            ? ""
                            : fmt::format("; judged by {}", ToleranceRuleName(c.options.rule))));
  if (judges_tolerances) {
    if (const std::string line = FrontierText(c); !line.empty()) log.Write(Severity::kInfo, line);
  }
  LogSpecialValues(c, log);
  if (c.logit && !c.logit->explanation.empty()) {
    log.Write(Severity::kInfo, "Probabilities: " + c.logit->explanation);
  }
  if (judges_tolerances && c.zero_output_would_pass) {
    log.Write(Severity::kWarning,
              fmt::format("An output of nothing but zeros would pass{}: the tolerances are larger "
                          "than the data.",
                          c.passed() ? " too" : ""));
  }
}

double ErrorOf(const OutputReport& output) {
  return output.comparison && output.comparison->compared ? output.comparison->global.relative_l2
                                                          : 0;
}

void LogPair(const PairReport& pair, LogSink& log) {
  log.Write(Severity::kInfo, fmt::format("{} vs. {}", pair.first, pair.second));
  const LogIndent indent(log);
  if (!pair.shared_steps.empty()) {
    log.Write(Severity::kWarning,
              fmt::format("Not an independent check of {}: both sides run the same float64 kernels "
                          "there. --onnxrt is one.",
                          ShortList(pair.shared_steps)));
  }
  size_t count = 0;
  const OutputReport* worst = nullptr;
  for (const IterationReport& iteration : pair.iterations) {
    for (const OutputReport& output : iteration.outputs) {
      ++count;
      if (worst == nullptr || ErrorOf(output) > ErrorOf(*worst)) worst = &output;
    }
  }
  const bool all = count <= kMostOutputs || log.IsEnabled(Severity::kVerbose);
  size_t shown = 0;
  for (size_t i = 0; i < pair.iterations.size(); ++i) {
    for (const OutputReport& output : pair.iterations[i].outputs) {
      const bool wanted = all || &output == worst || output.verdict != Verdict::kPass;
      if (!wanted || (!all && shown >= kMostOutputs && &output != worst)) continue;
      const bool judges_tolerances =
          pair.averages.empty() &&
          std::ranges::any_of(output.functions, [](const FunctionReport& function) {
            return function.function == CompareFunction::kSimple;
          });
      LogOutput(output, i, judges_tolerances, log);
      ++shown;
    }
  }
  if (shown < count) {
    log.Write(Severity::kInfo, fmt::format("{} more comparison(s): -v shows all", count - shown));
  }
}

void LogVerdict(const RunReport& report, LogSink& log) {
  if (!report.compares() && !report.validated && report.verdict == Verdict::kPass &&
      report.complete()) {
    log.Write(Severity::kFinish, "Verdict: none, nothing was to be compared");
    return;
  }
  std::string name(report.Outcome());
  std::ranges::transform(name, name.begin(),
                         [](char c) { return std::toupper(static_cast<unsigned char>(c)); });
  std::string text = "Verdict: " + name;
  for (const std::string& reason : report.reasons) text += "\n" + IndentBlock(reason);
  const bool passed = report.complete() && report.verdict == Verdict::kPass;
  log.Write(passed ? Severity::kFinish : Severity::kError, text);
}

}  // namespace

void LogRunReport(const RunReport& report, LogSink& log) {
  log.Write(Severity::kInfo, "==== Assay ====");
  const LogIndent indent(log);
  for (const RunnerReport& runner : report.runners) LogRunner(runner, log);
  LogInputs(report.inputs, log);
  for (const PairReport& pair : report.pairs) LogPair(pair, log);
  LogVerdict(report, log);
}

}  // namespace assay
