#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"

namespace assay {

// What the program ends with, for scripts.
enum class ExitCode {
  kPass = 0,
  kNotPass = 1,        // a comparison did not pass: failed, vacuous or unmatched
  kUsage = 2,          // the command line is wrong
  kNotCarriedOut = 3,  // a file, library or device is missing or refused; nothing is known
  kInternal = 4,       // a defect of Assay
  kInterrupted = 130,  // Ctrl-C
};
ExitCode ExitCodeOf(const Status& status);

struct CommandDef {
  std::string_view name;     // "run", "inspect model"
  std::string_view summary;  // one line
  std::string_view usage;    // what follows the name: "[model_file] [runners...] [options...]"
  std::string_view details;  // further text of the help
  OptionGroups (*groups)();
  // `line`: the command line as typed, for the log.
  ExitCode (*run)(const ParsedOptions& options, const std::string& line);
};

std::span<const CommandDef> AllCommands();

// The only command whose name begins with `word` and goes on, so that `word` alone stands for it
// where a file follows: "inspect model" for "inspect"; nullptr if there are none or several.
const CommandDef* OnlyCommandBelow(std::string_view word);

}  // namespace assay
