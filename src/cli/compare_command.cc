#include "cli/command_log.h"
#include "cli/commands.h"
#include "cli/options/compare_function_options.h"
#include "cli/options/report_options.h"
#include "cli/path_check.h"
#include "cli/run/failed_run.h"
#include "cli/run/run_session.h"
#include "cli/run/run_settings.h"

namespace assay {
namespace {

constexpr OptionDef kFileRows[] = {
    {.names = {"files"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "FILE",
     .help = "Stored outputs, at least two: files of Assay and Polygraphy, .npz, .npy, and folders "
             "with one file per iteration",
     .path = PathUse::kReadTensors},
    {.names = {"--validate"},
     .arity = ArgumentCount::kFlag,
     .help = "Check outputs for NaN and infinities"},
};
constinit const OptionGroup kFiles = {"Files", "What is compared", kFileRows};

OptionGroups Groups() {
  OptionGroups groups = {&kLoggingOptions, &kFiles, &kPostprocessOptions, &kComparisonOptions};
  AppendCompareFunctionGroups(groups);
  groups.push_back(&kReportOptions);
  return groups;
}

Result<RunSettings> ReadSettings(const ParsedOptions& options, LogSink& log) {
  RunSettings settings;
  ASSAY_ASSIGN_OR_RETURN(settings.postprocess, ReadPostprocessOptions(options));
  ASSAY_ASSIGN_OR_RETURN(settings.comparison, ReadComparisonOptions(options, log));
  ASSAY_ASSIGN_OR_RETURN(settings.threads, ReadThreads(options));
  const auto files = options.Values("files");
  if (files.size() < 2) {
    return Status(StatusCode::kUsage, "compare: expected at least two files, got one",
                  "the second one is the reference: assay compare outputs.json golden.json");
  }
  ASSAY_RETURN_IF_ERROR(CheckPaths(options));
  settings.comparison.load_outputs.assign(files.begin(), files.end());
  settings.may_have_runners = false;
  settings.report = options.Value("--report").value_or("");
  return settings;
}

ExitCode Run(const ParsedOptions& options, const std::string& line) {
  return RunWithLog(options, [&](ConsoleLog& log) {
    const Result<RunSettings> settings = ReadSettings(options, log);
    if (!settings.ok()) return EndWithReport(settings.status(), options, line, log);
    return RunSession(*settings, line, log).Execute();
  });
}

}  // namespace

constinit const CommandDef kCompareCommand = {
    .name = "compare",
    .summary = "Compare stored outputs",
    .usage = "FILE FILE... [options...]",
    .details = "Every file is compared with the next one, which is its reference.",
    .groups = Groups,
    .run = Run,
};

}  // namespace assay
