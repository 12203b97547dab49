#include "cli/command_log.h"

#include <fmt/format.h>

namespace assay {
namespace {

// Why an option that was given changes nothing; empty if it does.
std::string WhyIdle(const OptionUse& use, const ParsedOptions& options) {
  if (use.option->handling == Handling::kIdle) return std::string(use.option->note);
  const std::string_view runner = use.group->runner;
  if (runner.empty() || options.Has(fmt::format("--{}", runner))) return "";
  return fmt::format("it belongs to the runner --{}, which is not among the selected ones", runner);
}

}  // namespace

Result<std::unique_ptr<ConsoleLog>> OpenLog(const ParsedOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(const LoggingSettings settings, ReadLoggingOptions(options));
  ASSAY_ASSIGN_OR_RETURN(std::unique_ptr<ConsoleLog> log, ConsoleLog::Create(settings));
  for (const std::string& warning : settings.warnings) log->Write(Severity::kWarning, warning);
  for (const OptionUse& use : options.uses()) {
    const std::string why = WhyIdle(use, options);
    if (why.empty()) continue;
    log->Write(Severity::kWarning,
               fmt::format("Option: {} has no effect: {}.", use.option->Label(), why));
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
