#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "report/run_report.h"
#include "tensor/recorded_run.h"

namespace assay {

// Checks outputs for NaN and infinities and logs what it finds (--validate).
class RunValidation {
 public:
  RunValidation(ThreadPool& threads, LogSink& log) : threads_(threads), log_(log), once_(log) {}

  // One output; nullopt if it is valid. iteration_prefix: "Iteration 0 | ", or empty.
  Result<std::optional<ValidationReport>> Check(const std::string& runner, int64_t iteration,
                                                const NamedTensor& output,
                                                std::string_view iteration_prefix);

 private:
  void LogNaN(const Tensor& tensor);
  void LogNonFinite(const Tensor& tensor);

  ThreadPool& threads_;
  LogSink& log_;
  OnceLog once_;
};

}  // namespace assay
