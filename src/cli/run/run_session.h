#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/monitor.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/console_log.h"
#include "cli/run/live_runs.h"
#include "cli/run/run_comparison.h"
#include "cli/run/run_settings.h"
#include "cli/run/run_stream.h"
#include "cli/run/run_validation.h"
#include "report/run_report.h"

namespace assay {

// One execution of `assay run` or `assay compare`: all runs side by side, iteration by iteration,
// then the reports. What was asked to be saved is saved for every iteration that was finished,
// also after an error or Ctrl-C.
class RunSession {
 public:
  // line: the command line as typed. settings and log must outlive the session.
  RunSession(const RunSettings& settings, const std::string& line, ConsoleLog& log);

  ExitCode Execute();

 private:
  Status Run();
  Status OpenStreams();
  // Moves all runs on by one iteration; false at the end, or where a result ends the run.
  Result<bool> Step();
  Result<std::vector<RunGroup>> PullGroups(std::vector<size_t>* ended);
  void WarnOfShortAxis(const NamedTensor& output, const TopK& top);
  Status Postprocess(RunGroup& group);
  // False if an invalid output ends the run.
  Result<bool> ValidateGroup(const RunGroup& group);
  void NoteProducer();
  Status ValidateKept();
  void NameRuns();
  Status Conclude();
  std::string InterruptionText() const;
  ExitCode Report(const Status& status);

  const RunSettings& settings_;
  ConsoleLog& log_;
  Monitor monitor_;
  RunReport report_;
  RunComparison comparison_;
  RunValidation validation_;
  OnceLog once_;
  std::chrono::steady_clock::time_point start_;
  LiveRuns* live_ = nullptr;  // one of streams_, if runners run
  std::vector<std::unique_ptr<RunStream>> streams_;
  std::vector<RunIdentity> identities_;      // of all runs, in order; set by the first iteration
  std::vector<std::vector<RunGroup>> kept_;  // by stream: for validation at the end
  int64_t iterations_ = 0;                   // finished
};

}  // namespace assay
