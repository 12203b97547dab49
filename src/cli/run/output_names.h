#pragma once

#include <vector>

#include "base/status.h"
#include "cli/run/run_settings.h"
#include "cli/run/run_stream.h"

namespace assay {

// Checks that every option that names an output names one of these. An option of a comparison
// function counts if the function is selected. Errors: kUsage.
Status CheckOutputNames(const RunSettings& settings, const std::vector<RunGroup>& groups);

}  // namespace assay
