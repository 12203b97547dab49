#include "cli/command_log.h"

#include <fmt/format.h>

namespace assay {

Result<std::unique_ptr<ConsoleLog>> OpenLog(const ParsedOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(const LoggingSettings settings, ReadLoggingOptions(options));
  ASSAY_ASSIGN_OR_RETURN(std::unique_ptr<ConsoleLog> log, ConsoleLog::Create(settings));
  for (const std::string& warning : settings.warnings) log->Write(Severity::kWarning, warning);
  for (const OptionUse& use : options.uses()) {
    if (use.option->handling != Handling::kIdle) continue;
    log->Write(Severity::kWarning,
               fmt::format("Option: {} has no effect: {}.", use.option->Label(), use.option->note));
  }
  return log;
}

ExitCode EndWithError(const Status& status, LogSink& log) {
  log.Write(Severity::kCritical, status.ToString());
  return ExitCodeOf(status);
}

ExitCode EndWithError(const Status& status) {
  const Result<std::unique_ptr<ConsoleLog>> log = ConsoleLog::Create(LoggingSettings{});
  return EndWithError(status, **log);
}

}  // namespace assay
