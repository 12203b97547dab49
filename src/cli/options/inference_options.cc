#include "cli/options/inference_options.h"

#include <fmt/format.h>

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"--warm-up"},
     .arity = ArgumentCount::kOne,
     .value = "NUM",
     .help = "Runs before the measured ones; needs --sequential-runners",
     .type = ArgumentType::kInteger},
    {.names = {"--use-subprocess"},
     .arity = ArgumentCount::kFlag,
     .help = "Run every runner in a process of its own; needs --sequential-runners"},
    {.names = {"--save-inputs", "--save-input-data"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Save the inputs: .npz, JSON (any other extension), or a folder with one file per "
             "iteration (no extension)",
     .path = PathUse::kWriteTensors},
    {.names = {"--save-input-blob"},
     .arity = ArgumentCount::kOptional,
     .value = "DIR",
     .help = "Save the bytes of every input in DIR/ITERATION/NAME.bin (default: here)",
     .path = PathUse::kWriteFolder},
    {.names = {"--save-outputs", "--save-results"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Save the outputs of all runners, as --save-inputs does",
     .path = PathUse::kWriteTensors},
};

}  // namespace

constinit const OptionGroup kInferenceOptions = {"Inference", "How runners run, and what is saved",
                                                 kOptions};

Result<InferenceSettings> ReadInferenceOptions(const ParsedOptions& options, LogSink& log) {
  InferenceSettings settings;
  settings.sequential = options.Has("--sequential-runners");
  if (!settings.sequential) {
    for (std::string_view name : {"--use-subprocess", "--warm-up"}) {
      if (options.Has(name)) {
        return Status(StatusCode::kUsage, fmt::format("{} requires --sequential-runners.", name));
      }
    }
  }
  settings.warm_up = options.Integer("--warm-up").value_or(0);
  if (settings.warm_up < 0) {
    return Status(StatusCode::kUsage,
                  fmt::format("argument --warm-up: expected at least 0, got {}", settings.warm_up));
  }
  if (options.Has("--use-subprocess")) {
    log.Write(Severity::kWarning,
              "Option: --use-subprocess has no effect: with --sequential-runners every runner is "
              "released before the next one starts, in one process.");
  }
  settings.save_inputs = options.Value("--save-inputs").value_or("");
  settings.save_outputs = options.Value("--save-outputs").value_or("");
  if (options.Has("--save-input-blob")) {
    settings.save_input_blob = options.Value("--save-input-blob").value_or(".");
  }
  return settings;
}

}  // namespace assay
