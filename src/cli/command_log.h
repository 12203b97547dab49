#pragma once

#include "base/function_ref.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/console_log.h"
#include "cli/parser.h"

namespace assay {

// Runs the work of a command with the log that its command line asks for, in which warnings of
// options that have no effect are already written. A log that cannot be opened ends the command;
// one that could not be written to its end is an error of a command that else succeeds.
ExitCode RunWithLog(const ParsedOptions& options, FunctionRef<ExitCode(ConsoleLog&)> work);

// Shows an error that ends a command; returns the exit code.
ExitCode EndWithError(const Status& status, LogSink& log);

}  // namespace assay
