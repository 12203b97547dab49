#include "cli/command_log.h"

#include <fmt/format.h>

#include <memory>

#include "cli/path_check.h"
#include "runners/model_source.h"

namespace assay {
namespace {

// Why an option that was given changes nothing; empty if it does.
std::string WhyIdle(const OptionUse& use, const ParsedOptions& options) {
  if (use.option->handling == Handling::kIdle) return std::string(use.option->note);
  const std::string_view runner = use.group->runner;
  if (!runner.empty() && !options.Has(fmt::format("--{}", runner))) {
    return fmt::format("it belongs to the runner --{}, which is not among the selected ones",
                       runner);
  }
  const std::string model = options.Value("model_file").value_or("");
  if (use.option->onnx_only && !model.empty() && ModelSource(model, {}).is_engine()) {
    return fmt::format("it is about ONNX models, and {} is an engine file", model);
  }
  return "";
}

Result<std::unique_ptr<ConsoleLog>> OpenLog(const ParsedOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(const LoggingSettings settings, ReadLoggingOptions(options));
  ASSAY_RETURN_IF_ERROR(CheckPathOf(options, "--log-file"));
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

}  // namespace

ExitCode RunWithLog(const ParsedOptions& options, FunctionRef<ExitCode(ConsoleLog&)> work) {
  const Result<std::unique_ptr<ConsoleLog>> log = OpenLog(options);
  if (!log.ok()) {
    const Result<std::unique_ptr<ConsoleLog>> plain = ConsoleLog::Create(LoggingSettings{});
    return EndWithError(log.status(), **plain);
  }
  const ExitCode code = work(**log);
  const Status closed = (*log)->CloseFile();
  if (closed.ok()) return code;
  const ExitCode error = EndWithError(closed, **log);
  return code == ExitCode::kPass || code == ExitCode::kNotPass ? error : code;
}

ExitCode EndWithError(const Status& status, LogSink& log) {
  log.Write(Severity::kCritical, status.ToString());
  return ExitCodeOf(status);
}

}  // namespace assay
