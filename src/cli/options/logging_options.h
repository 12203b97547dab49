#pragma once

#include <string>

#include "base/log.h"
#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"

namespace assay {

extern const OptionGroup kLoggingOptions;

struct LoggingSettings {
  Severity severity = Severity::kInfo;  // the least that is shown
  bool timestamps = false;
  bool colors = true;
  std::string file;                   // copy of the log; empty: none
  std::vector<std::string> warnings;  // to be logged once the log exists
};

// Errors: kUsage for an unknown verbosity.
Result<LoggingSettings> ReadLoggingOptions(const ParsedOptions& options);

}  // namespace assay
