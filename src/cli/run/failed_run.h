#pragma once

#include <string>

#include "base/log.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/parser.h"

namespace assay {

// Shows an error that ends a run before it began, and writes the report that the command line asks
// for; returns the exit code.
ExitCode EndWithReport(const Status& status, const ParsedOptions& options, const std::string& line,
                       LogSink& log);

}  // namespace assay
