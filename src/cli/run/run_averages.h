#pragma once

#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "cli/options/comparison_options.h"
#include "report/run_report.h"

namespace assay {

// The average of every metric of every output over the iterations of a pair, held against the
// thresholds (--check-average). A NaN in one iteration makes the average NaN, which fails.
// Errors: kInvalidInput if an iteration has no figures (its shapes did not fit).
Result<std::vector<AverageReport>> AverageIterations(const PairReport& pair,
                                                     const ComparisonSettings& settings);

// The summary lines of the averages.
void LogAverages(const PairReport& pair, LogSink& log);

}  // namespace assay
