#include <array>

#include "cli/commands.h"

namespace assay {

std::span<const CommandDef> AllCommands() {
  static const std::array kCommands = {kRunCommand, kCompareCommand, kInspectModelCommand,
                                       kCompletionCommand, kHelpCommand};
  return kCommands;
}

}  // namespace assay
