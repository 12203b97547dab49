#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/monitor.h"
#include "base/status.h"
#include "cli/run/input_source.h"
#include "cli/run/run_savers.h"
#include "cli/run/run_settings.h"
#include "cli/run/run_stream.h"

namespace assay {

// The runners of a command line, at work. Both ways of running save what is asked for and note what
// every runner was and how long it took.
class LiveRuns : public RunStream {
 public:
  LiveRuns(const RunSettings& settings, const Monitor& monitor, LogSink& log);
  // Makes the runners, without starting them, under names of their own. `log` and `settings` must
  // outlive the runs.
  // Errors: those of the runners' makers.
  static Result<std::unique_ptr<LiveRuns>> Create(const RunSettings& settings,
                                                  const Monitor& monitor, LogSink& log);
  std::vector<RunnerReport> Runners() const override;
  // Hashes of the inputs that were run.
  const std::vector<std::string>& input_hashes() const { return input_hashes_; }
  int64_t ExpectedIterations() const { return inputs_.ExpectedIterations(); }

 protected:
  struct LiveRunner {
    std::unique_ptr<Runner> runner;
    RunnerReport report;
    size_t memory_before = 0;
  };

  Status Activate(LiveRunner& live);
  // Runs one iteration; the time counts unless it is a warm-up.
  Result<RecordedIteration> Infer(LiveRunner& live, const TensorMap& inputs, bool timed);
  // A name that the model lists twice has one tensor.
  TensorMap DistinctOutputs(const LiveRunner& live, TensorMap outputs);
  void LogOutputs(const LiveRunner& live, const RecordedIteration& iteration);

  const RunSettings& settings_;
  Monitor monitor_;
  LogSink& log_;
  OnceLog once_;
  InputSource inputs_;
  std::vector<LiveRunner> runners_;
  std::optional<RunSavers> savers_;
  std::vector<std::string> input_hashes_;
};

}  // namespace assay
