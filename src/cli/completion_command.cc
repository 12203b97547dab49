#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/help.h"

namespace assay {
namespace {

constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};
constexpr OptionDef kOptions[] = {
    {.names = {"-h", "--help"}, .arity = ArgumentCount::kFlag, .help = "Show this text and exit"},
    {.names = {"shell"},
     .arity = ArgumentCount::kOne,
     .value = "SHELL",
     .help = "bash, zsh or fish",
     .choices = kShells},
};
constinit const OptionGroup kGroup = {"Completion", "Which shell", kOptions};

ExitCode Run(const ParsedOptions& options, const std::string&) {
  fmt::print("{}", CompletionScript(*options.Value("shell")));
  return ExitCode::kPass;
}

}  // namespace

constinit const CommandDef kCompletionCommand = {
    .name = "completion",
    .summary = "Print a script that lets a shell complete the words of a command line",
    .usage = "SHELL",
    .details = "For bash: source <(assay completion bash)",
    .groups = [] { return OptionGroups{&kGroup}; },
    .run = Run,
};

}  // namespace assay
