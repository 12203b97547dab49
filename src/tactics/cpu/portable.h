#pragma once

#include "tactics/tactic.h"

namespace assay {

// True of the tactic that runs the float64 kernel of the operator, which is the reference's own:
// measured against the reference, its steps show the rounding of their results and nothing else.
bool RunsReferenceKernel(const Tactic& tactic);

}  // namespace assay
