#pragma once

#include "cli/command.h"

namespace assay {

// One per <name>_command.cc; command_table.cc lists them.
extern const CommandDef kRunCommand;
extern const CommandDef kCompareCommand;
extern const CommandDef kInspectModelCommand;
extern const CommandDef kHelpCommand;
extern const CommandDef kCompletionCommand;

}  // namespace assay
