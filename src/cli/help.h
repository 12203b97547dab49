#pragma once

#include <string>

#include "cli/command.h"

namespace assay {

// Help of the program and of one command, for terminals.
std::string ProgramHelp();
// The help of the command of that name and of all whose names begin with it as a word; empty if
// there is none.
std::string HelpOf(std::string_view name);
std::string CommandHelp(const CommandDef& command);

// The page docs/cli.md: all commands with all options.
std::string CommandLineReference();

// A completion script for "bash", "zsh" or "fish"; empty for another shell.
std::string CompletionScript(std::string_view shell);

// What stands for the values of an option: " [NAME:]TOL..."; empty for a flag.
std::string OptionValueText(const OptionDef& option);

// False for a group that only stands in the table so that command lines of other tools are
// understood.
bool GroupHasEffect(const OptionGroup& group);

// Version of the program: "0.1.0".
std::string_view ProgramVersion();

}  // namespace assay
