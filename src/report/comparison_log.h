#pragma once

#include <optional>
#include <string>

#include "base/log.h"
#include "base/thread_pool.h"
#include "compare/compare_function.h"
#include "compare/comparison.h"
#include "compare/index_comparison.h"
#include "tensor/tensor.h"

namespace assay {

// The log of a comparison, in the lines of Polygraphy 0.53.

// What is compared: the two runners, the two outputs by name, and their tensors.
struct ComparedOutputs {
  std::string runner0;
  std::string runner1;
  std::string output0;
  std::string output1;
  const Tensor* tensor0 = nullptr;
  const Tensor* tensor1 = nullptr;
};

// Tolerances as the user typed them, which is how the log repeats them.
struct ToleranceText {
  std::string absolute;
  std::string relative;
};

class ComparisonLog {
 public:
  explicit ComparisonLog(LogSink& log) : log_(log), once_(log) {}

  // "simple | Comparing Output: 'y' (...) with 'y' (...)".
  void LogStart(std::string_view label, const ComparedOutputs& outputs);
  // What "simple" will check.
  void LogTolerance(const ComparedOutputs& outputs, Tolerance tolerance, ErrorStat stat);
  void LogPair(const ComparedOutputs& outputs);
  // Of tensors whose shapes do not fit; tried_to_fit: not even after reshaping.
  void LogShapeMismatch(const ComparedOutputs& outputs, bool tried_to_fit);
  // Everything of the function "simple", verdict included.
  void LogSimple(const ComparedOutputs& outputs, const OutputComparison& comparison,
                 const ToleranceText& tolerance, Verdict verdict);
  // "L2 Norm: 1.2e-06 (tolerance: 1e-05) | PASSED".
  void LogThreshold(const CompareFunctionDef& function, const ThresholdResult& result);
  // only_first: stop at the first value that is out of place.
  void LogIndices(const IndexComparison& comparison, bool only_first);
  // Statistics of the two outputs themselves, after all functions.
  void LogOutputs(const ComparedOutputs& outputs, const OutputComparison& comparison, bool failed,
                  ThreadPool& threads);
  // What was done to the shape of the reference.
  void LogNotes(const OutputComparison& comparison);

  LogSink& sink() { return log_; }
  OnceLog& once() { return once_; }

 private:
  LogSink& log_;
  OnceLog once_;
};

// "L2 Norm: 1.2e-06 (tolerance: 1e-05) | PASSED"; more digits where five would make value and
// threshold look alike.
std::string ThresholdText(const CompareFunctionDef& function, double value, double threshold,
                          bool passed);

}  // namespace assay
