#include <array>

#include "cli/commands.h"

namespace assay {

std::span<const CommandDef> AllCommands() {
  static const std::array commands = {kRunCommand, kCompareCommand, kInspectModelCommand,
                                      kCompletionCommand, kHelpCommand};
  return commands;
}

}  // namespace assay
