#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "report/run_report.h"
#include "tensor/recorded_run.h"

namespace assay {

// One iteration of some runs: one entry per run, in order.
using RunGroup = std::vector<RecordedIteration>;

// Runs whose outputs come iteration by iteration: live runners, or a file.
class RunStream {
 public:
  virtual ~RunStream() = default;
  // nullopt after the last iteration. Errors end the stream.
  virtual Result<std::optional<RunGroup>> Next() = 0;
  // Completes what the stream saves. Called once, whether the stream came to its end or not.
  virtual Status Finish() { return OkStatus(); }
  // Which iterations of the stream's own runs have no partner among the others; known at its end.
  virtual std::optional<std::string> Unpaired() const { return std::nullopt; }
  // What is known about the runs so far, in order.
  virtual std::vector<RunnerReport> Runners() const = 0;
};

}  // namespace assay
