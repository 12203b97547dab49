#include "cli/run/run_comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/run/run_averages.h"
#include "report/python_text.h"

namespace assay {
namespace {

std::vector<std::string> NamesOf(const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const NamedTensor& item : tensors) names.push_back(item.name);
  return names;
}

std::string LabelOf(CompareFunction function) {
  const CompareFunctionDef& def = CompareFunctionOf(function);
  return std::string(def.has_threshold ? def.label : def.name);
}

}  // namespace

RunComparison::RunComparison(const ComparisonSettings& settings, ThreadPool& threads,
                             const Monitor& monitor, LogSink& log)
    : settings_(settings), threads_(threads), monitor_(monitor), log_(log), comparison_log_(log_) {}

void RunComparison::StartPairs(const std::vector<RunIdentity>& identities) {
  for (size_t i = 0; i + 1 < identities.size(); ++i) {
    const bool truth_is_first = identities[i].is_truth && !identities[i + 1].is_truth;
    const auto [first, second] = sides_.emplace_back(i + truth_is_first, i + !truth_is_first);
    PairReport pair;
    pair.first = identities[first].name;
    pair.second = identities[second].name;
    log_.Write(Severity::kStart,
               fmt::format("Accuracy Comparison | {} vs. {}", pair.first, pair.second));
    pairs_.push_back(std::move(pair));
  }
}

Result<bool> RunComparison::AddIteration(const std::vector<RunIdentity>& identities,
                                         const std::vector<const RecordedIteration*>& runs) {
  if (iteration_ == 0) StartPairs(identities);
  log_.Write(Severity::kInfo, fmt::format("Iteration: {}", iteration_));
  ++iteration_;
  const LogIndent indent(log_);
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const auto [first, second] = sides_[i];
    const Result<bool> go_on = ComparePair(pairs_[i], *runs[first], *runs[second]);
    if (!go_on.ok()) {
      DropIteration();
      return go_on.status();
    }
    if (!*go_on) return false;
  }
  return true;
}

// Takes back the iteration at work, which could not be compared to its end.
void RunComparison::DropIteration() {
  --iteration_;
  for (PairReport& pair : pairs_) pair.iterations.resize(static_cast<size_t>(iteration_));
}

std::vector<RunComparison::Candidate> RunComparison::MatchCandidates(
    const PairReport& pair, const RecordedIteration& first, const RecordedIteration& second,
    IterationReport& report) {
  const std::vector<std::string> outputs = NamesOf(first.outputs);
  const std::vector<std::string> references = NamesOf(second.outputs);
  OutputMatching matching = MatchOutputs(outputs, references, pair.second);
  for (const std::string& note : matching.notes) log_.Write(Severity::kVerbose, note);
  match_warnings_ = std::move(matching.warnings);
  for (size_t i : matching.unmatched_outputs) report.unmatched_outputs.push_back(outputs[i]);
  for (size_t i : matching.unmatched_references) {
    report.unmatched_references.push_back(references[i]);
  }
  std::vector<Candidate> candidates;
  for (const OutputPair& match : matching.pairs) {
    Candidate candidate;
    candidate.outputs = {pair.first,
                         pair.second,
                         outputs[match.output],
                         references[match.reference],
                         &first.outputs[match.output].tensor,
                         &second.outputs[match.reference].tensor};
    candidate.report.output = outputs[match.output];
    candidate.report.reference = references[match.reference];
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

Result<bool> RunComparison::ComparePair(PairReport& pair, const RecordedIteration& first,
                                        const RecordedIteration& second) {
  IterationReport& report = pair.iterations.emplace_back();
  std::vector<Candidate> candidates = MatchCandidates(pair, first, second, report);
  for (CompareFunction function : settings_.functions) {
    ASSAY_RETURN_IF_ERROR(RunFunction(function, candidates));
  }
  const bool complete = report.unmatched_outputs.empty() && report.unmatched_references.empty();
  if (!complete) {
    log_.Write(Severity::kError,
               fmt::format("UNMATCHED | Outputs without a partner: {} of {}, {} of {}",
                           PythonStringList(report.unmatched_outputs), pair.first,
                           PythonStringList(report.unmatched_references), pair.second));
  }
  LogOutputStatistics(candidates);

  std::vector<Verdict> verdicts;
  bool failed = false;
  for (Candidate& candidate : candidates) {
    std::vector<Verdict> parts;
    for (const FunctionReport& function : candidate.report.functions) {
      parts.push_back(function.verdict);
      failed |= function.verdict != Verdict::kPass;
    }
    candidate.report.verdict = CombineVerdicts(parts);
    if (!candidate.reached) continue;
    verdicts.push_back(candidate.report.verdict);
    report.outputs.push_back(std::move(candidate.report));
  }
  if (!complete) verdicts.push_back(Verdict::kUnmatched);
  report.verdict = CombineVerdicts(verdicts);
  return !(settings_.fail_fast && failed);
}

bool RunComparison::ShowsFailuresOnly(const std::vector<Candidate>& candidates) const {
  return settings_.fail_fast && candidates.size() > kManyOutputs &&
         !log_.IsEnabled(Severity::kVerbose);
}

Result<FunctionReport> RunComparison::CompareCandidate(CompareFunction function,
                                                       Candidate& candidate) {
  comparison_log_.LogStart(LabelOf(function), candidate.outputs);
  const LogIndent indent(log_);
  switch (function) {
    case CompareFunction::kSimple:
      return CompareSimple(candidate);
    case CompareFunction::kIndices:
      return CompareByIndices(candidate);
    default:
      return CompareByThreshold(function, candidate);
  }
}

Status RunComparison::RunFunction(CompareFunction function, std::vector<Candidate>& candidates) {
  const std::string label = LabelOf(function);
  const bool first_function = function == settings_.functions.front();
  if (!settings_.check_shapes && function != CompareFunction::kIndices) {
    comparison_log_.once().Write(Severity::kInfo,
                                 "Strict shape checking disabled. Will attempt to match output "
                                 "shapes before comparisons");
  }
  const bool short_log = ShowsFailuresOnly(candidates);
  size_t warning = 0;
  for (Candidate& candidate : candidates) {
    ASSAY_RETURN_IF_ERROR(monitor_.Check());
    if (first_function) candidate.reached = true;
    if (candidate.outputs.output0 != candidate.outputs.output1 &&
        warning < match_warnings_.size()) {
      log_.Write(Severity::kWarning, match_warnings_[warning++]);
    }
    if (short_log) log_.Hold();
    Result<FunctionReport> report = CompareCandidate(function, candidate);
    const bool passed = report.ok() && report->verdict == Verdict::kPass;
    if (short_log) log_.Release(!passed);
    if (!report.ok()) {
      return report.status().WithContext(fmt::format("output {}", candidate.outputs.output0));
    }
    report->function = function;
    candidate.report.functions.push_back(*std::move(report));
    if (settings_.fail_fast && !passed) {
      const auto before = &candidate - candidates.data();
      if (short_log && before > 0) {
        log_.Write(Severity::kInfo,
                   fmt::format("The {} output(s) before it pass; -v shows them", before));
      }
      return OkStatus();
    }
  }
  LogFunctionSummary(label, function, candidates);
  return OkStatus();
}

Status RunComparison::EnsureCompared(Candidate& candidate) {
  if (candidate.report.comparison) return OkStatus();
  const std::string& name = candidate.outputs.output0;
  const FunctionSettings& parameters = settings_.parameters;
  CompareOptions options;
  options.tolerance = {parameters.AbsoluteFor(name).value, parameters.RelativeFor(name).value};
  options.error_stat = parameters.ErrorStatFor(name);
  options.error_quantile = parameters.QuantileFor(name);
  options.rule = parameters.rule;
  options.infinities_compare_equal = parameters.infinities_compare_equal;
  options.nans_compare_equal = parameters.nans_compare_equal;
  options.check_shapes = settings_.check_shapes;
  ASSAY_ASSIGN_OR_RETURN(candidate.report.comparison,
                         CompareTensors(*candidate.outputs.tensor0, *candidate.outputs.tensor1,
                                        options, threads_, monitor_));
  return OkStatus();
}

Result<FunctionReport> RunComparison::CompareSimple(Candidate& candidate) {
  const std::string& name = candidate.outputs.output0;
  const TypedNumber absolute = settings_.parameters.AbsoluteFor(name);
  const TypedNumber relative = settings_.parameters.RelativeFor(name);
  comparison_log_.LogTolerance(candidate.outputs, {absolute.value, relative.value},
                               settings_.parameters.ErrorStatFor(name));
  ASSAY_RETURN_IF_ERROR(EnsureCompared(candidate));
  const OutputComparison& comparison = *candidate.report.comparison;
  FunctionReport report;
  report.verdict = comparison.verdict;
  report.reasons = comparison.reasons;
  report.tolerance = {absolute.ToString(), relative.ToString()};
  comparison_log_.LogNotes(comparison);
  if (!comparison.compared) {
    comparison_log_.LogShapeMismatch(candidate.outputs, !settings_.check_shapes);
    return report;
  }
  comparison_log_.LogSimple(candidate.outputs, comparison, report.tolerance, report.verdict);
  return report;
}

Result<FunctionReport> RunComparison::CompareByIndices(Candidate& candidate) {
  const int64_t tolerance =
      settings_.parameters.index_tolerance.ValueOr(candidate.outputs.output0, 0);
  ASSAY_ASSIGN_OR_RETURN(
      IndexComparison comparison,
      CompareIndices(*candidate.outputs.tensor0, *candidate.outputs.tensor1, tolerance));
  if (candidate.outputs.tensor0->shape() != candidate.outputs.tensor1->shape()) {
    log_.Write(Severity::kError, "Cannot compare outputs of different shapes.");
  } else {
    comparison_log_.LogIndices(comparison, settings_.fail_fast);
  }
  FunctionReport report;
  report.verdict = comparison.verdict;
  report.reasons = comparison.reasons;
  report.indices = std::move(comparison);
  ASSAY_RETURN_IF_ERROR(EnsureCompared(candidate));
  return report;
}

Result<FunctionReport> RunComparison::CompareByThreshold(CompareFunction function,
                                                         Candidate& candidate) {
  comparison_log_.LogPair(candidate.outputs);
  ASSAY_RETURN_IF_ERROR(EnsureCompared(candidate));
  const OutputComparison& comparison = *candidate.report.comparison;
  const CompareFunctionDef& def = CompareFunctionOf(function);
  FunctionReport report;
  report.threshold = settings_.parameters.ThresholdFor(def, candidate.outputs.output0);
  comparison_log_.LogNotes(comparison);
  if (!comparison.compared) {
    report.verdict = Verdict::kFail;
    report.reasons = comparison.reasons;
    comparison_log_.LogShapeMismatch(candidate.outputs, !settings_.check_shapes);
    return report;
  }
  const ThresholdResult result = JudgeThreshold(def, comparison, report.threshold);
  report.verdict = result.verdict;
  report.reasons = result.reasons;
  report.value = result.value;
  comparison_log_.LogThreshold(def, result);
  return report;
}

void RunComparison::LogFunctionSummary(std::string_view label, CompareFunction function,
                                       const std::vector<Candidate>& candidates) {
  std::vector<std::string> all;
  std::vector<std::string> failed;
  std::vector<std::string> vacuous;
  for (const Candidate& candidate : candidates) {
    for (const FunctionReport& report : candidate.report.functions) {
      if (report.function != function) continue;
      all.push_back(candidate.outputs.output0);
      if (report.verdict == Verdict::kVacuous)
        vacuous.push_back(all.back());
      else if (report.verdict != Verdict::kPass)
        failed.push_back(all.back());
    }
  }
  if (!failed.empty()) {
    log_.Write(Severity::kError, fmt::format("FAILED | {} | Mismatched outputs: {}", label,
                                             PythonStringList(failed)));
  }
  if (!vacuous.empty()) {
    log_.Write(Severity::kError,
               fmt::format("VACUOUS | {} | Nothing could have failed in outputs: {}", label,
                           PythonStringList(vacuous)));
  }
  if (failed.empty() && vacuous.empty() && !all.empty()) {
    log_.Write(Severity::kFinish, fmt::format("PASSED | {} | All outputs matched | Outputs: {}",
                                              label, PythonStringList(all)));
  }
}

void RunComparison::LogOutputStatistics(const std::vector<Candidate>& candidates) {
  for (const Candidate& candidate : candidates) {
    if (!candidate.reached || !candidate.report.comparison) continue;
    const bool failed =
        std::ranges::any_of(candidate.report.functions, [](const FunctionReport& f) {
          return f.verdict != Verdict::kPass && f.verdict != Verdict::kVacuous;
        });
    if (!failed && ShowsFailuresOnly(candidates)) continue;
    comparison_log_.LogOutputs(candidate.outputs, *candidate.report.comparison, failed, threads_);
  }
}

Status RunComparison::Summarize() {
  for (PairReport& pair : pairs_) {
    if (settings_.check_average) {
      ASSAY_ASSIGN_OR_RETURN(pair.averages, AverageIterations(pair, settings_));
      LogAverages(pair, log_);
      continue;
    }
    const int64_t passed = pair.passed_iterations();
    const auto total = static_cast<int64_t>(pair.iterations.size());
    const double rate =
        total == 0 ? 100.0 : 100.0 * static_cast<double>(passed) / static_cast<double>(total);
    log_.Write(passed == total ? Severity::kFinish : Severity::kError,
               fmt::format("Accuracy Summary | {} vs. {} | Passed: {}/{} iterations | Pass Rate: "
                           "{:.2f}%",
                           pair.first, pair.second, passed, total, rate));
  }
  return OkStatus();
}

}  // namespace assay
