#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/command_log.h"
#include "cli/commands.h"
#include "cli/options/logging_options.h"
#include "cli/options/model_options.h"
#include "ops/infer_graph.h"
#include "report/engine_text.h"
#include "report/model_text.h"

namespace assay {
namespace {

constexpr std::string_view kShowChoices[] = {"layers", "attrs", "weights"};
constexpr std::string_view kFormats[] = {"trt"};

constexpr OptionDef kRows[] = {
    {.names = {"--show"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "WHAT",
     .help = "layers: every node with its inputs and outputs; attrs: attributes of the nodes too; "
             "weights: values of initializers",
     .choices = kShowChoices},
    {.names = {"--no-shape-inference"},
     .arity = ArgumentCount::kFlag,
     .help = "Show shapes as the file has them, without inferring more",
     .onnx_only = true,
     .assay_only = true},
    {.names = {"--convert-to", "--display-as"},
     .arity = ArgumentCount::kOne,
     .value = "FORMAT",
     .help = "Convert the model before it is shown",
     .choices = kFormats,
     .handling = Handling::kRefused,
     .note = "TensorRT is not part of this build"},
    {.names = {"--list-unbounded-dds"},
     .arity = ArgumentCount::kFlag,
     .help = "List tensors whose shape depends on data without a bound",
     .handling = Handling::kRefused,
     .note = "--show layers shows the shapes that are not known"},
    {.names = {"--combine-tensor-info"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Statistics of TensorRT tensors",
     .handling = Handling::kRefused,
     .note = "TensorRT is not part of this build"},
    {.names = {"--visual"},
     .arity = ArgumentCount::kFlag,
     .help = "Show the model in a browser",
     .handling = Handling::kRefused,
     .note = "Assay shows text: --show layers attrs"},
};
constinit const OptionGroup kShow = {"Inspection", "What is shown of the model", kRows};

ExitCode ShowEngine(const std::string& path, bool steps, LogSink& log) {
  const Result<std::string> text = EngineFileText(path, steps);
  if (!text.ok()) return EndWithError(text.status(), log);
  log.Write(Severity::kInfo, "==== Assay Engine ====\n" + *text);
  return ExitCode::kPass;
}

ExitCode Inspect(const ParsedOptions& options, ConsoleLog& log) {
  const Result<ModelSettings> settings = ReadModelOptions(options);
  if (!settings.ok()) return EndWithError(settings.status(), log);

  log.Write(Severity::kInfo,
            "Loading model: " + std::filesystem::absolute(settings->path).string());
  ModelSource source(settings->path, ReadOnnxLoadOptions(options));
  const auto shown = options.Values("--show");
  if (source.is_engine()) {
    for (const std::string& what : shown) {
      if (what == "layers") continue;
      log.Write(Severity::kWarning,
                fmt::format("Option: --show {} has no effect: it is about ONNX models, and {} is "
                            "an engine file.",
                            what, settings->path));
    }
    return ShowEngine(settings->path, std::ranges::find(shown, "layers") != shown.end(), log);
  }
  const Result<std::shared_ptr<const Model>> loaded = source.Load(log);
  if (!loaded.ok()) return EndWithError(loaded.status(), log);
  Model model = **loaded;
  if (!options.Has("--no-shape-inference")) {
    // A model that Assay cannot infer can still be shown.
    Graph inferred = model.graph;
    const Status status = InferGraph(inferred);
    if (status.ok())
      model.graph = std::move(inferred);
    else
      log.Write(Severity::kWarning, "Shapes are shown as in the file: " + status.message());
  }
  ModelTextOptions text;
  for (const std::string& what : options.Values("--show")) {
    if (what == "layers") text.layers = true;
    if (what == "attrs") text.attributes = true;
    if (what == "weights") text.weights = true;
  }
  log.Write(Severity::kInfo, "==== ONNX Model ====\n" + ModelText(model, text));
  return ExitCode::kPass;
}

ExitCode Run(const ParsedOptions& options, const std::string&) {
  return RunWithLog(options, [&](ConsoleLog& log) { return Inspect(options, log); });
}

}  // namespace

constinit const CommandDef kInspectModelCommand = {
    .name = "inspect model",
    .summary = "Show what is in a model or in an engine file",
    .usage = "MODEL [options...]",
    .details =
        "assay inspect FILE is short for it. Of an ONNX model, shapes are inferred as expressions\n"
        "over the symbols of the inputs. Of an engine file it shows where it comes from, the\n"
        "shapes that it is for, its memory and its tactics; --show layers: its steps.",
    .groups =
        [] {
          return OptionGroups{
              &kLoggingOptions, &kRequiredModelOptions, &kOnnxLoadOptions, &kOutputMarkingOptions,
              &kShow,           &kShapeInferenceOptions};
        },
    .run = Run,
};

}  // namespace assay
