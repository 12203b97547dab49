#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/options/logging_options.h"

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"-h", "--help"}, .arity = ArgumentCount::kFlag, .help = "Show this text and exit"},
    {.names = {"command"},
     .arity = ArgumentCount::kAny,
     .value = "COMMAND",
     .help = "The command to describe"},
    {.names = {"--markdown"},
     .arity = ArgumentCount::kFlag,
     .help = "Print the page docs/cli.md, which describes all commands",
     .assay_only = true},
};
constinit const OptionGroup kGroup = {"Help", "What to describe", kOptions};

ExitCode Run(const ParsedOptions& options, const std::string&) {
  if (options.Has("--markdown")) {
    fmt::print("{}", CommandLineReference());
    return ExitCode::kPass;
  }
  const auto words = options.Values("command");
  if (words.empty()) {
    fmt::print("{}", ProgramHelp());
    return ExitCode::kPass;
  }
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  if (const std::string text = HelpOf(name); !text.empty()) {
    fmt::print("{}", text);
    return ExitCode::kPass;
  }
  fmt::print(stderr, "assay help: error: unknown command '{}'\nhint: assay --help lists them\n",
             name);
  return ExitCode::kUsage;
}

}  // namespace

constinit const CommandDef kHelpCommand = {
    .name = "help",
    .summary = "Describe the program or a command",
    .usage = "[COMMAND] [--markdown]",
    .details = "",
    .groups = [] { return OptionGroups{&kGroup}; },
    .run = Run,
};

}  // namespace assay
