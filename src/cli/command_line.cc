#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

#include "base/near_names.h"
#include "cli/command.h"
#include "cli/help.h"
#include "report/python_text.h"

namespace assay {

ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return ExitCode::kPass;
    case StatusCode::kUsage:
      return ExitCode::kUsage;
    case StatusCode::kInternal:
      return ExitCode::kInternal;
    case StatusCode::kInterrupted:
      return ExitCode::kInterrupted;
    case StatusCode::kInvalidInput:
    case StatusCode::kNotFound:
    case StatusCode::kUnsupported:
    case StatusCode::kUnavailable:
    case StatusCode::kIo:
    case StatusCode::kResourceLimit:
      return ExitCode::kNotCarriedOut;
  }
  return ExitCode::kInternal;
}

namespace {

// Tools of Polygraphy that Assay does not have.
constexpr std::string_view kForeignTools[] = {"convert", "check", "surgeon", "template",
                                              "debug",   "data",  "plugin",  "multi-device"};

ExitCode UsageError(std::string_view command, const Status& status) {
  fmt::print(stderr, "assay{}{}: error: {}\n", command.empty() ? "" : " ", command,
             status.message());
  if (!status.hint().empty()) fmt::print(stderr, "hint: {}\n", status.hint());
  return ExitCode::kUsage;
}

std::string Line(const std::vector<std::string>& words) {
  return fmt::format("assay {}", fmt::join(words, " "));
}

// A file, or a word that can only be meant as one: "missing.onnx", "folder/model".
bool IsFile(const std::string& word) {
  std::error_code ignored;
  return std::filesystem::exists(word, ignored) || word.find_first_of("./") != std::string::npos;
}

// The command that the first words name; null if there is none.
const CommandDef* FindCommand(const std::vector<std::string>& words, size_t* length) {
  for (size_t count = std::min<size_t>(2, words.size()); count > 0; --count) {
    std::string name = words[0];
    if (count == 2) name += " " + words[1];
    for (const CommandDef& command : AllCommands()) {
      if (command.name == name) {
        *length = count;
        return &command;
      }
    }
  }
  // "inspect FILE" means "inspect model FILE".
  *length = 1;
  return words.size() > 1 && IsFile(words[1]) ? OnlyCommandBelow(words[0]) : nullptr;
}

// "inspect" alone, or with a word that makes no command of it.
ExitCode UnknownBelow(const std::vector<std::string>& words,
                      const std::vector<std::string_view>& below) {
  const bool asks_for_help =
      words.size() > 1 && (words[1] == "-h" || words[1] == "--help" || words[1] == "help");
  if (asks_for_help) {
    fmt::print("{}", HelpOf(words[0]));
    return ExitCode::kPass;
  }
  std::string hint;
  std::string message = "expected one more word after it";
  if (words.size() > 1 && !words[1].starts_with('-')) {
    message = fmt::format("there is no command '{} {}'{}", words[0], words[1],
                          OnlyCommandBelow(words[0]) == nullptr ? "" : ", and no such file");
    hint = DidYouMean(words[0] + " " + words[1], below);
  }
  if (hint.empty()) hint = fmt::format("the commands are: {}", fmt::join(below, ", "));
  return UsageError(words[0], Status(StatusCode::kUsage, message, hint));
}

ExitCode UnknownCommand(const std::vector<std::string>& words) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> below;
  for (const CommandDef& command : AllCommands()) {
    names.push_back(command.name);
    if (command.name.starts_with(words[0] + " ")) below.push_back(command.name);
  }
  if (!below.empty()) return UnknownBelow(words, below);
  if (std::ranges::find(kForeignTools, words[0]) != std::end(kForeignTools)) {
    return UsageError(
        "", Status(StatusCode::kUsage,
                   fmt::format("'{}' is a tool of Polygraphy that Assay does not have", words[0]),
                   "assay --help lists what there is"));
  }
  std::string hint = DidYouMean(words[0], names);
  if (hint.empty()) hint = fmt::format("the commands are: {}", fmt::join(names, ", "));
  return UsageError(
      "", Status(StatusCode::kUsage, fmt::format("unknown command '{}'", words[0]), hint));
}

// Options that only other tools have, and that cannot be left out without changing the result.
Status CheckRefusedOptions(const ParsedOptions& options) {
  for (const OptionUse& use : options.uses()) {
    if (use.option->handling != Handling::kRefused) continue;
    return Status(StatusCode::kUsage,
                  fmt::format("argument {}: Assay does not support it", use.option->Label()),
                  std::string(use.option->note));
  }
  return OkStatus();
}

ExitCode ReportUnrecognized(const OptionGroups& groups, const ParsedOptions& options) {
  fmt::print("[E] Unrecognized Options: {}\n", PythonStringList(options.unrecognized));
  for (const std::string& word : options.unrecognized) {
    if (!word.starts_with("-")) continue;
    const std::string near = NearOptions(groups, word);
    if (!near.empty()) fmt::print("    {}: {}\n", word, near);
  }
  return ExitCode::kUsage;
}

ExitCode Dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", ProgramHelp());
    return ExitCode::kUsage;
  }
  if (words[0] == "-h" || words[0] == "--help") {
    fmt::print("{}", ProgramHelp());
    return ExitCode::kPass;
  }
  if (words[0] == "-v" || words[0] == "--version") {
    fmt::print("Assay | Version: {}\n", ProgramVersion());
    return ExitCode::kPass;
  }
  size_t length = 0;
  const CommandDef* command = FindCommand(words, &length);
  if (command == nullptr) return UnknownCommand(words);

  const OptionGroups groups = command->groups();
  const std::vector<std::string> arguments(words.begin() + static_cast<ptrdiff_t>(length),
                                           words.end());
  const Result<ParsedOptions> options = ParseArguments(groups, arguments);
  if (!options.ok()) return UsageError(command->name, options.status());
  if (options->help_requested) {
    fmt::print("{}", CommandHelp(*command));
    return ExitCode::kPass;
  }
  if (!options->unrecognized.empty()) return ReportUnrecognized(groups, *options);
  if (const Status refused = CheckRefusedOptions(*options); !refused.ok()) {
    return UsageError(command->name, refused);
  }
  return command->run(*options, Line(words));
}

ExitCode CatchEverything(const std::vector<std::string>& words) {
  try {
    return Dispatch(words);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "[!] memory: there is not enough of it to go on\n");
    return ExitCode::kNotCarriedOut;
  } catch (const std::system_error& error) {
    // fmt reports a standard output that is full or closed so.
    fmt::print(stderr, "[!] {}\n", error.what());
    return ExitCode::kNotCarriedOut;
  } catch (const std::exception& error) {
    fmt::print(stderr,
               "[!] internal error: {}\nhint: this is a defect of Assay: please report the "
               "command line ({})\n",
               error.what(), Line(words));
    return ExitCode::kInternal;
  }
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& words) {
  ExitCode code = CatchEverything(words);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "[!] output: not all of it could be written\n");
    if (code == ExitCode::kPass) code = ExitCode::kNotCarriedOut;
  }
  return static_cast<int>(code);
}

}  // namespace assay
