#include "cli/command_log.h"
#include "cli/commands.h"
#include "cli/run/run_session.h"
#include "cli/run/run_settings.h"

namespace assay {
namespace {

ExitCode Run(const ParsedOptions& options, const std::string& line) {
  const Result<std::unique_ptr<ConsoleLog>> log = OpenLog(options);
  if (!log.ok()) return EndWithError(log.status());
  const Result<RunSettings> settings = ReadRunSettings(options, **log);
  if (!settings.ok()) return EndWithError(settings.status(), **log);
  return RunSession(*settings, line, **log).Execute();
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
