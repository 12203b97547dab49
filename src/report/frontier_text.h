#pragma once

#include <string>

#include "compare/comparison.h"

namespace assay {

// One line about the tolerances that would pass, rounded upward so that they pass as printed; empty
// where there is nothing to say.
std::string FrontierText(const OutputComparison& comparison);

}  // namespace assay
