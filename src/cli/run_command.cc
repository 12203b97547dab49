#include "cli/command_log.h"
#include "cli/commands.h"
#include "cli/run/failed_run.h"
#include "cli/run/run_session.h"
#include "cli/run/run_settings.h"

namespace assay {
namespace {

ExitCode Run(const ParsedOptions& options, const std::string& line) {
  return RunWithLog(options, [&](ConsoleLog& log) {
    const Result<RunSettings> settings = ReadRunSettings(options, log);
    if (!settings.ok()) return EndWithReport(settings.status(), options, line, log);
    return RunSession(*settings, line, log).Execute();
  });
}

}  // namespace

constinit const CommandDef kRunCommand = {
    .name = "run",
    .summary = "Run a model with one or more runners and compare what they give",
    .usage = "[model_file] [runners...] [options...]",
    .details =
        "Every runner is compared with the next one, which is its reference; stored outputs\n"
        "(--load-outputs) come after the runners. For example:\n"
        "\n"
        "  assay run model.onnx --onnxrt --reference --atol 1e-3 --rtol 1e-3\n"
        "  assay run model.onnx --onnxrt --load-images photos --save-outputs golden.json\n"
        "  assay run --load-outputs a.json b.json",
    .groups = RunOptionGroups,
    .run = Run,
};

}  // namespace assay
