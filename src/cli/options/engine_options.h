#pragma once

#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "runners/runner_table.h"

namespace assay {

// Options of Assay's own engine.
extern const OptionGroup kEngineOptions;

// Errors: kUsage for malformed shapes and for passes that there are not.
Result<EngineRequest> ReadEngineOptions(const ParsedOptions& options);

}  // namespace assay
