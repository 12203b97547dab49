#include "report/run_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/python_text.h"
#include "report/reference_steps_text.h"

namespace assay {
namespace {

// A report names the first reasons and says how many more there are.
constexpr size_t kMostReasons = 10;

void AddOutputReasons(const PairReport& pair, size_t iteration, RunReport& report) {
  const IterationReport& it = pair.iterations[iteration];
  for (const OutputReport& output : it.outputs) {
    for (const FunctionReport& function : output.functions) {
      if (function.verdict == Verdict::kPass) continue;
      const std::string_view name = CompareFunctionOf(function.function).name;
      const std::string where =
          fmt::format("output '{}', iteration {}, {}", output.output, iteration, name);
      if (function.reasons.empty()) report.reasons.push_back(where);
      for (const std::string& reason : function.reasons) {
        report.reasons.push_back(fmt::format("{}: {}", where, reason));
      }
    }
  }
  const auto add_unmatched = [&](const std::string& runner, const std::vector<std::string>& names) {
    if (names.empty()) return;
    report.reasons.push_back(fmt::format("iteration {}: outputs of {} without a partner: {}",
                                         iteration, runner, PythonStringList(names)));
  };
  add_unmatched(pair.first, it.unmatched_outputs);
  add_unmatched(pair.second, it.unmatched_references);
}

void AddAverageReasons(const PairReport& pair, RunReport& report) {
  for (const AverageReport& average : pair.averages) {
    for (const FunctionReport& function : average.functions) {
      if (function.verdict == Verdict::kPass) continue;
      report.reasons.push_back(fmt::format("output '{}', average of {}", average.output,
                                           CompareFunctionOf(function.function).name));
      for (const std::string& reason : function.reasons) report.reasons.back() += ": " + reason;
    }
  }
}

// How far a run came that did not come to its end.
void AddIncompleteReason(RunReport& report) {
  if (report.complete()) return;
  std::string of;
  if (report.requested_iterations > 0) of = fmt::format(" of {}", report.requested_iterations);
  const std::string_view what =
      report.interrupted ? "the run was interrupted" : "the run ended in an error";
  report.reasons.push_back(fmt::format("{}: {}{} iteration(s) were {}", what, report.iterations, of,
                                       report.compares() ? "compared" : "finished"));
}

// An engine that runs kernels of the reference is not checked by it there.
void NoteSharedSteps(RunReport& report) {
  const auto find = [&](const std::string& name) {
    return std::ranges::find(report.runners, name, &RunnerReport::name);
  };
  for (PairReport& pair : report.pairs) {
    auto runner = find(pair.first);
    auto truth = find(pair.second);
    if (runner == report.runners.end() || truth == report.runners.end()) continue;
    if (!truth->is_truth) std::swap(runner, truth);
    if (!truth->is_truth || runner->reference_steps == nullptr) continue;
    pair.shared_steps = FloatReferenceSteps(*runner->reference_steps);
  }
}

}  // namespace

std::string_view RunReport::Outcome() const {
  if (interrupted) return "interrupted";
  return error.empty() ? VerdictName(verdict) : "error";
}

int64_t PairReport::passed_iterations() const {
  return std::ranges::count(iterations, Verdict::kPass, &IterationReport::verdict);
}

void ConcludeRun(RunReport& report) {
  AddIncompleteReason(report);
  NoteSharedSteps(report);
  std::vector<Verdict> verdicts;
  for (PairReport& pair : report.pairs) {
    std::vector<Verdict> parts;
    if (pair.averages.empty()) {
      for (size_t i = 0; i < pair.iterations.size(); ++i) {
        parts.push_back(pair.iterations[i].verdict);
        if (parts.back() != Verdict::kPass) AddOutputReasons(pair, i, report);
      }
    } else {
      for (const AverageReport& average : pair.averages) parts.push_back(average.verdict);
      for (const IterationReport& it : pair.iterations) {
        const bool complete = it.unmatched_outputs.empty() && it.unmatched_references.empty();
        if (!complete) parts.push_back(Verdict::kUnmatched);
      }
      AddAverageReasons(pair, report);
    }
    pair.verdict = CombineVerdicts(parts);
    verdicts.push_back(pair.verdict);
    if (parts.empty()) {
      report.reasons.push_back(
          fmt::format("nothing was compared between {} and {}", pair.first, pair.second));
    }
  }
  for (const ValidationReport& invalid : report.invalid_outputs) {
    verdicts.push_back(Verdict::kFail);
    report.reasons.push_back(fmt::format(
        "output '{}' of {}, iteration {}: {} of its values are not finite ({} NaN)", invalid.output,
        invalid.runner, invalid.iteration, invalid.non_finite_count, invalid.nan_count));
  }
  if (report.iteration_mismatch) {
    verdicts.push_back(Verdict::kUnmatched);
    report.reasons.push_back(*report.iteration_mismatch);
  }
  const bool only_stored =
      !report.runners.empty() &&
      std::ranges::none_of(report.runners, [](const RunnerReport& r) { return r.source.empty(); });
  if (verdicts.empty() && only_stored && !report.validated) {
    verdicts.push_back(Verdict::kVacuous);
    report.reasons.push_back("nothing was compared: there is only one run");
  }
  if (verdicts.empty() && report.complete() && report.iterations == 0) {
    verdicts.push_back(Verdict::kVacuous);
    report.reasons.push_back("nothing was run: there are no iterations");
  }
  report.verdict = verdicts.empty() ? Verdict::kPass : CombineVerdicts(verdicts);
  if (report.reasons.size() > kMostReasons) {
    const size_t more = report.reasons.size() - kMostReasons;
    report.reasons.resize(kMostReasons);
    report.reasons.push_back(fmt::format("{} more", more));
  }
}

}  // namespace assay
