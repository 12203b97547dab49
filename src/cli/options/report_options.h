#pragma once

#include "cli/option.h"

namespace assay {

// --report, --threads: of every command that computes.
extern const OptionGroup kReportOptions;

}  // namespace assay
