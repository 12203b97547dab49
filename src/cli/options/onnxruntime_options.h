#pragma once

#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "runners/runner_table.h"

namespace assay {

extern const OptionGroup kOnnxRuntimeOptions;

// Fills what concerns ONNX Runtime. Errors: kUsage for an unknown optimization level.
Status ReadOnnxRuntimeOptions(const ParsedOptions& options, RunnerRequest& request);

}  // namespace assay
