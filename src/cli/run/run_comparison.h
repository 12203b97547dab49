#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "cli/options/comparison_options.h"
#include "cli/run/held_log.h"
#include "compare/output_matching.h"
#include "report/comparison_log.h"
#include "report/run_report.h"
#include "tensor/recorded_run.h"

namespace assay {

// More outputs than this are many: --fail-fast shows those that fail only.
inline constexpr size_t kManyOutputs = 8;

struct RunIdentity {
  std::string name;
  bool is_truth = false;
};

// Compares every run with the next one, iteration by iteration, and logs it as it goes. Of a pair
// with one truth in it the truth is the second, which relative errors refer to.
class RunComparison {
 public:
  RunComparison(const ComparisonSettings& settings, ThreadPool& threads, const Monitor& monitor,
                LogSink& log);

  // One iteration of all runs, in order; their identities are the same in every iteration.
  // Returns false if --fail-fast ends the comparison here.
  // Errors: kUnsupported (strings), kUsage, kInterrupted.
  Result<bool> AddIteration(const std::vector<RunIdentity>& identities,
                            const std::vector<const RecordedIteration*>& runs);
  // Averages, and the summary lines.
  Status Summarize();
  std::vector<PairReport>& pairs() { return pairs_; }
  const std::vector<PairReport>& pairs() const { return pairs_; }

 private:
  // A pair of outputs that belong together, and what is known about them so far.
  struct Candidate {
    ComparedOutputs outputs;
    OutputReport report;
    bool reached = false;  // by the first function; --fail-fast leaves the rest out
  };

  void StartPairs(const std::vector<RunIdentity>& identities);
  void DropIteration();
  Result<bool> ComparePair(PairReport& pair, const RecordedIteration& first,
                           const RecordedIteration& second);
  std::vector<Candidate> MatchCandidates(const PairReport& pair, const RecordedIteration& first,
                                         const RecordedIteration& second, IterationReport& report);
  // True if outputs that pass are not worth their lines: --fail-fast among many.
  bool ShowsFailuresOnly(const std::vector<Candidate>& candidates) const;
  Status RunFunction(CompareFunction function, std::vector<Candidate>& candidates);
  Result<FunctionReport> CompareCandidate(CompareFunction function, Candidate& candidate);
  Status EnsureCompared(Candidate& candidate);
  Result<FunctionReport> CompareSimple(Candidate& candidate);
  Result<FunctionReport> CompareByIndices(Candidate& candidate);
  Result<FunctionReport> CompareByThreshold(CompareFunction function, Candidate& candidate);
  void LogFunctionSummary(std::string_view label, CompareFunction function,
                          const std::vector<Candidate>& candidates);
  void LogOutputStatistics(const std::vector<Candidate>& candidates);

  const ComparisonSettings& settings_;
  ThreadPool& threads_;
  Monitor monitor_;
  HeldLog log_;
  ComparisonLog comparison_log_;
  std::vector<PairReport> pairs_;
  std::vector<std::pair<size_t, size_t>> sides_;  // of each pair: positions of its two runs
  int64_t iteration_ = 0;
  std::vector<std::string> match_warnings_;  // of the current pair, one per inexact match
};

}  // namespace assay
