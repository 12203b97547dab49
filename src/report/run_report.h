#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/compare_function.h"
#include "compare/comparison.h"
#include "compare/index_comparison.h"
#include "compare/verdict.h"
#include "report/comparison_log.h"
#include "report/step_profile.h"
#include "runners/runner.h"

namespace assay {

// Everything that a run found out, for the text and JSON reports.

// One comparison function on one pair of outputs.
struct FunctionReport {
  CompareFunction function = CompareFunction::kSimple;
  Verdict verdict = Verdict::kVacuous;
  std::vector<std::string> reasons;
  ToleranceText tolerance;  // of kSimple
  double value = 0;         // of functions with a threshold
  double threshold = 0;
  std::optional<IndexComparison> indices;
};

struct OutputReport {
  std::string output;     // name on the first runner's side
  std::string reference;  // name on the second's
  std::optional<OutputComparison> comparison;
  std::vector<FunctionReport> functions;
  Verdict verdict = Verdict::kVacuous;
};

struct IterationReport {
  std::vector<OutputReport> outputs;
  std::vector<std::string> unmatched_outputs;     // of the first runner
  std::vector<std::string> unmatched_references;  // of the second
  Verdict verdict = Verdict::kVacuous;
};

// Averages over the iterations, one per output and function (--check-average).
struct AverageReport {
  std::string output;
  std::vector<FunctionReport> functions;
  Verdict verdict = Verdict::kVacuous;
};

// Two neighbours of the command line. The second is the reference of the first: the later one, or
// the truth where one of the two is.
struct PairReport {
  std::string first;
  std::string second;
  std::vector<IterationReport> iterations;
  std::vector<AverageReport> averages;  // only with --check-average
  // Steps that the engine runs in the kernels of the reference it is compared with.
  std::vector<std::string> shared_steps;
  int64_t passed_iterations() const;
  Verdict verdict = Verdict::kVacuous;
};

struct RunnerReport {
  std::string name;
  std::string source;     // file of stored outputs; empty: a live runner
  bool is_truth = false;  // a live runner that others are measured against
  RunnerInfo info;
  double activation_seconds = 0;
  std::vector<double> seconds;         // of every inference that was timed
  std::optional<size_t> memory_bytes;  // growth of the resident memory from its activation to the
                                       // end of its first inference
  size_t peak_tensor_bytes = 0;        // as the runner counts them; 0: not known
  StepProfile steps;                   // empty unless the runner was asked for them
  std::shared_ptr<const ReferenceSteps> reference_steps;  // of an engine's last inference
};

struct InputReport {
  std::string source;  // "random", or the files
  std::optional<int64_t> seed;
  std::vector<std::string> hashes;  // one per iteration, of names and contents
};

struct ValidationReport {
  std::string runner;
  std::string output;
  int64_t iteration = 0;
  int64_t nan_count = 0;
  int64_t non_finite_count = 0;
};

struct RunReport {
  std::string command_line;
  std::string program_version;
  std::string model;  // path; empty: none
  InputReport inputs;
  std::vector<RunnerReport> runners;
  std::vector<PairReport> pairs;
  bool validated = false;
  std::vector<ValidationReport> invalid_outputs;
  int64_t requested_iterations = 0;  // 0: not known
  int64_t iterations = 0;            // that all runs finished and that were compared
  bool stopped_early = false;        // --fail-fast or an invalid output
  bool interrupted = false;
  std::string error;  // why the run could not be carried out to its end; empty: it was
  // Iterations that only some runs had.
  std::optional<std::string> iteration_mismatch;
  double seconds = 0;
  size_t peak_memory_bytes = 0;
  Verdict verdict = Verdict::kVacuous;  // on what was compared
  std::vector<std::string> reasons;     // why the outcome is not a plain pass

  bool compares() const { return !pairs.empty(); }
  bool complete() const { return error.empty() && !interrupted; }
  // "error" or "interrupted" for a run that did not come to its end, else the verdict.
  std::string_view Outcome() const;
};

// Settles the verdict and its reasons, and what pairs share, from everything else in the report. A
// live run that had nothing to compare with passes; stored outputs alone are there to be compared,
// and are vacuous, as is a run without iterations.
void ConcludeRun(RunReport& report);

}  // namespace assay
