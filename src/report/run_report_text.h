#pragma once

#include "base/log.h"
#include "report/run_report.h"

namespace assay {

// The lines that Assay adds to the log of a run: what every runner really was, the inputs, the
// figures that a user needs to choose tolerances, and the verdict with its reasons.
void LogRunReport(const RunReport& report, LogSink& log);

}  // namespace assay
