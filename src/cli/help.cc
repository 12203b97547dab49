#include "cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

namespace assay {
namespace {

constexpr size_t kTextWidth = 80;
constexpr size_t kHelpColumn = 26;

// Breaks `text` into lines of at most `width` characters, indented by `indent` but for the first.
std::string Wrap(std::string_view text, size_t indent, size_t width) {
  std::string wrapped;
  size_t column = indent;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    if (column > indent && column + 1 + word.size() > width) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string HelpText(const OptionDef& option) {
  std::string text(option.help);
  if (option.handling == Handling::kRefused) text += " (not available)";
  return text;
}

std::string OptionHelp(const OptionDef& option) {
  std::string head = "  ";
  if (option.positional()) {
    head += option.names[0];
  } else {
    head += fmt::format("{}{}", fmt::join(option.names, ", "), OptionValueText(option));
  }
  const std::string help = Wrap(HelpText(option), kHelpColumn, kTextWidth);
  if (head.size() + 2 > kHelpColumn) {
    return head + "\n" + std::string(kHelpColumn, ' ') + help + "\n";
  }
  return head + std::string(kHelpColumn - head.size(), ' ') + help + "\n";
}

}  // namespace

std::string OptionValueText(const OptionDef& option) {
  const std::string_view value = option.value.empty() ? "VALUE" : option.value;
  switch (option.arity) {
    case ArgumentCount::kFlag:
    case ArgumentCount::kCount:
      return "";
    case ArgumentCount::kOne:
      return fmt::format(" {}", value);
    case ArgumentCount::kOptional:
      return fmt::format(" [{}]", value);
    case ArgumentCount::kOneOrMore:
    case ArgumentCount::kChoices:
      return fmt::format(" {}...", value);
    case ArgumentCount::kAny:
      return fmt::format(" [{}...]", value);
  }
  return "";
}

bool GroupHasEffect(const OptionGroup& group) {
  return std::ranges::any_of(group.options,
                             [](const OptionDef& o) { return o.handling != Handling::kIdle; });
}

std::string_view ProgramVersion() { return ASSAY_VERSION; }

std::string ProgramHelp() {
  std::string text =
      "usage: assay COMMAND [options...]\n\n"
      "Compares and runs ONNX models against float64 truth.\n\nCommands:\n";
  size_t width = 0;
  for (const CommandDef& command : AllCommands()) width = std::max(width, command.name.size());
  for (const CommandDef& command : AllCommands()) {
    text += fmt::format("  {:{}}  {}\n", command.name, width,
                        Wrap(command.summary, width + 4, kTextWidth));
  }
  text +=
      "\nOptions:\n  -h, --help     Show this text and exit\n"
      "  -v, --version  Show the version and exit\n\n"
      "assay COMMAND --help describes a command.\n\n"
      "Exit codes: 0 passed, 1 not passed, 2 wrong command line, 3 could not be carried out,\n"
      "4 internal error, 130 interrupted.\n";
  return text;
}

std::string CommandHelp(const CommandDef& command) {
  std::string text = fmt::format("usage: assay {} {}\n\n{}.\n", command.name, command.usage,
                                 Wrap(command.summary, 0, kTextWidth));
  if (!command.details.empty()) text += fmt::format("\n{}\n", command.details);
  for (const OptionGroup* group : command.groups()) {
    if (!GroupHasEffect(*group)) {
      text += fmt::format("\n{}:\n  ", group->title);
      std::string names;
      for (const OptionDef& option : group->options) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", option.names[0]);
      }
      text += Wrap(fmt::format("{}: {}", group->description, names), 2, kTextWidth) + "\n";
      continue;
    }
    text += fmt::format("\n{}:\n  {}\n\n", group->title, group->description);
    for (const OptionDef& option : group->options) text += OptionHelp(option);
  }
  return text;
}

std::string HelpOf(std::string_view name) {
  std::string text;
  for (const CommandDef& command : AllCommands()) {
    const bool below = command.name.starts_with(name) &&
                       (command.name.size() == name.size() || command.name[name.size()] == ' ');
    if (!below) continue;
    if (!text.empty()) text += '\n';
    text += CommandHelp(command);
  }
  return text;
}

}  // namespace assay
