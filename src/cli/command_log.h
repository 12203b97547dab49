#pragma once

#include <memory>

#include "base/status.h"
#include "cli/command.h"
#include "cli/console_log.h"
#include "cli/parser.h"

namespace assay {

// The log that a command line asks for, with warnings of its options that have no effect already
// written. Errors: kUsage, kIo.
Result<std::unique_ptr<ConsoleLog>> OpenLog(const ParsedOptions& options);

// Shows an error that ends a command; returns the exit code.
ExitCode EndWithError(const Status& status, LogSink& log);
// The same where there is no log yet.
ExitCode EndWithError(const Status& status);

}  // namespace assay
