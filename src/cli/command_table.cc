#include <array>

#include "cli/commands.h"

namespace assay {

std::span<const CommandDef> AllCommands() {
  static const std::array commands = {kRunCommand, kCompareCommand, kInspectModelCommand,
                                      kCompletionCommand, kHelpCommand};
  return commands;
}

const CommandDef* OnlyCommandBelow(std::string_view word) {
  const CommandDef* only = nullptr;
  for (const CommandDef& command : AllCommands()) {
    const bool is_below = command.name.size() > word.size() && command.name.starts_with(word) &&
                          command.name[word.size()] == ' ';
    if (!is_below) continue;
    if (only != nullptr) return nullptr;
    only = &command;
  }
  return only;
}

}  // namespace assay
