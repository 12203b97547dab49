#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/help.h"

namespace assay {
namespace {

// "|" would end a cell of a Markdown table, "<" and "*" would be markup.
std::string MarkdownText(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '[') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string CommandLineReference() {
  std::string page =
      "# The command line\n\n"
      "This page is made from the option table by `assay help --markdown`; a test compares the two."
      "\n\nOptions may be shortened to a unique prefix. Arguments of the form `[NAME:]VALUE` are "
      "split at the last colon; without a name the value is the default for all. Options marked "
      "*Assay* have no counterpart in Polygraphy; options marked *refused* are known from "
      "Polygraphy, and giving one is an error that says what to do instead; options marked *idle* "
      "are accepted with a warning.\n\n"
      "| exit code | meaning |\n|---|---|\n"
      "| 0 | passed |\n| 1 | not passed: failed, vacuous (nothing was compared) or unmatched (an "
      "output or iteration without partner) |\n| 2 | the command line is wrong |\n"
      "| 3 | could not be carried out: a file, library or device is missing or refused |\n"
      "| 4 | internal error |\n| 130 | interrupted by Ctrl-C |\n";
  for (const CommandDef& command : AllCommands()) {
    page += fmt::format("\n## assay {}\n\n`assay {} {}`\n\n{}.\n", command.name, command.name,
                        command.usage, command.summary);
    if (!command.details.empty()) page += fmt::format("\n```\n{}\n```\n", command.details);
    for (const OptionGroup* group : command.groups()) {
      page += fmt::format("\n### {}\n\n{}.\n\n| option | | meaning |\n|---|---|---|\n",
                          group->title, group->description);
      for (const OptionDef& option : group->options) {
        std::string_view mark;
        if (option.assay_only) mark = "Assay";
        if (option.handling == Handling::kRefused) mark = "refused";
        if (option.handling == Handling::kIdle) mark = "idle";
        page += fmt::format("| `{}{}` | {} | {}{} |\n", fmt::join(option.names, "` `"),
                            option.positional() ? "" : OptionValueText(option), mark,
                            MarkdownText(option.help),
                            option.handling == Handling::kRefused
                                ? fmt::format(". Instead: {}", MarkdownText(option.note))
                                : "");
      }
    }
  }
  return page;
}

}  // namespace assay
