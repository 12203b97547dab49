#pragma once

#include <memory>

#include "base/status.h"
#include "runners/runner.h"
#include "runners/runner_table.h"

namespace assay {

// Runs the model with ONNX Runtime on the execution providers of the request. The library is loaded
// and the session made by Activate, which also finds out where the model really runs: asking for a
// provider that is absent, or that in the end runs nothing, is an error. Inputs are read in place;
// the time of a run is that of the library's Run alone.
Result<std::unique_ptr<Runner>> CreateOnnxRuntimeRunner(const RunnerRequest& request);

}  // namespace assay
