#include "cli/run/failed_run.h"

#include <fmt/format.h>

#include "base/file.h"
#include "cli/command_log.h"
#include "cli/help.h"
#include "cli/path_check.h"
#include "report/run_report.h"
#include "report/run_report_json.h"

namespace assay {

ExitCode EndWithReport(const Status& status, const ParsedOptions& options, const std::string& line,
                       LogSink& log) {
  const ExitCode code = EndWithError(status, log);
  const std::string path = options.Value("--report").value_or("");
  if (path.empty() || !CheckPathOf(options, "--report").ok()) return code;
  RunReport report;
  report.command_line = line;
  report.program_version = ProgramVersion();
  report.model = options.Value("model_file").value_or("");
  report.error = status.message();
  ConcludeRun(report);
  log.Write(Severity::kInfo, fmt::format("Saving the report to {}", path));
  const Status saved = WriteFileAtomically(path, RunReportJson(report));
  if (!saved.ok()) log.Write(Severity::kCritical, saved.ToString());
  return code;
}

}  // namespace assay
