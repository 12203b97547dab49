#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "runners/runner_table.h"

namespace assay {

extern const OptionGroup kOnnxRuntimeOptions;

// Fills what concerns ONNX Runtime and is the same for all its runners.
void ReadOnnxRuntimeOptions(const ParsedOptions& options, RunnerRequest& request);

// As in RunnerRequest: none, one for all --onnxrt, or one for each of them in order.
// Errors: kUsage for another number of levels.
Result<std::vector<std::string>> ReadGraphOptimizationLevels(const ParsedOptions& options);

}  // namespace assay
