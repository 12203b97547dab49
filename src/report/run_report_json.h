#pragma once

#include <string>

#include "report/run_report.h"

namespace assay {

// The whole report for programs, as JSON with an indent of two. "format" is 1 and grows when a
// field changes its meaning. Numbers that are not finite stand as the strings "nan", "inf", "-inf".
// Field names are those of the metric table and of run_report.h; docs/report.md describes them.
std::string RunReportJson(const RunReport& report);

// Results of the comparison as Polygraphy's --save-accuracy-results writes them, with Python's
// tokens NaN and Infinity.
std::string AccuracyResultsJson(const RunReport& report, bool average);

}  // namespace assay
