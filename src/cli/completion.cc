#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/help.h"

namespace assay {
namespace {

std::vector<std::string_view> LongNames(const CommandDef& command) {
  std::vector<std::string_view> names;
  for (const OptionGroup* group : command.groups()) {
    if (!GroupHasEffect(*group)) continue;
    for (const OptionDef& option : group->options) {
      if (option.handling != Handling::kUsed) continue;
      for (std::string_view name : option.names) {
        if (name.starts_with("--")) names.push_back(name);
      }
    }
  }
  return names;
}

std::vector<std::string_view> FirstWords() {
  std::vector<std::string_view> words;
  for (const CommandDef& command : AllCommands()) {
    const std::string_view word = command.name.substr(0, command.name.find(' '));
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return words;
}

// Where a command has two words and is the only one with the first, a file may stand in place of
// the second.
std::string BashPattern(const CommandDef& command) {
  const size_t space = command.name.find(' ');
  const std::string_view word = command.name.substr(0, space);
  if (space == std::string_view::npos || OnlyCommandBelow(word) != nullptr) {
    return fmt::format("\"{} \"*", word);
  }
  return fmt::format("\"{}\"", command.name);
}

std::string BashCompletion() {
  std::string script =
      "# bash completion of assay\n_assay() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" options=\"\" choices=\"\"\n"
      "  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  std::vector<std::string> seen;
  for (const CommandDef& command : AllCommands()) {
    for (const OptionGroup* group : command.groups()) {
      for (const OptionDef& option : group->options) {
        if (option.choices.empty() || option.handling != Handling::kUsed) continue;
        std::string line = fmt::format("    {}) choices=\"{}\" ;;\n", fmt::join(option.names, "|"),
                                       fmt::join(option.choices, " "));
        if (std::ranges::find(seen, line) == seen.end()) seen.push_back(std::move(line));
      }
    }
  }
  for (const std::string& line : seen) script += line;
  script +=
      "  esac\n"
      "  if [[ -n $choices ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$choices\" -- \"$word\"))\n    return\n  fi\n"
      "  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
  for (const CommandDef& command : AllCommands()) {
    script += fmt::format("    {}) options=\"{}\" ;;\n", BashPattern(command),
                          fmt::join(LongNames(command), " "));
  }
  script += "  esac\n  local second=\"\"\n  case \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n";
  for (const CommandDef& command : AllCommands()) {
    const size_t space = command.name.find(' ');
    if (space == std::string_view::npos) continue;
    script += fmt::format("    \"2 {}\") second+=\"{} \" ;;\n", command.name.substr(0, space),
                          command.name.substr(space + 1));
  }
  script += fmt::format(
      "  esac\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
      "    COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\"))\n"
      "  elif [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -W \"$second\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
      "  fi\n}}\ncomplete -o filenames -F _assay assay\n",
      fmt::join(FirstWords(), " "));
  return script;
}

std::string FishCompletion() {
  std::string script = "# fish completion of assay\n";
  for (const CommandDef& command : AllCommands()) {
    const std::string_view word = command.name.substr(0, command.name.find(' '));
    script += fmt::format("complete -c assay -n __fish_use_subcommand -a {} -d '{}'\n", word,
                          command.summary);
    for (const OptionGroup* group : command.groups()) {
      for (const OptionDef& option : group->options) {
        if (option.handling != Handling::kUsed || option.positional()) continue;
        for (std::string_view name : option.names) {
          if (!name.starts_with("--")) continue;
          script += fmt::format("complete -c assay -n '__fish_seen_subcommand_from {}' -l {}{}\n",
                                word, name.substr(2),
                                option.choices.empty()
                                    ? ""
                                    : fmt::format(" -xa '{}'", fmt::join(option.choices, " ")));
        }
      }
    }
  }
  return script;
}

}  // namespace

std::string CompletionScript(std::string_view shell) {
  if (shell == "bash") return BashCompletion();
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + BashCompletion();
  if (shell == "fish") return FishCompletion();
  return "";
}

}  // namespace assay
