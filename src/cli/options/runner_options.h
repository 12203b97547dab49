#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "runners/runner_table.h"

namespace assay {

// The flags that select runners: one for every row of the runner table, and the runners that other
// tools have. Made on first use.
const OptionGroup& RunnerOptions();
extern const OptionGroup kReferenceOptions;

// The selected runners in the order of the command line; one may stand twice.

Result<std::vector<const RunnerDef*>> ReadRunnerOptions(const ParsedOptions& options);

// True for typed truth (every tensor rounded to its declared type).
bool ReadTypedReference(const ParsedOptions& options);

}  // namespace assay
