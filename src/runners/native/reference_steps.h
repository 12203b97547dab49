#pragma once

#include <vector>

#include "plan/plan.h"
#include "runners/runner.h"
#include "runtime/execution_context.h"

namespace assay {

// The steps that run kernels of the reference.
ReferenceSteps ReferenceStepsOf(const std::vector<ExecutedStep>& steps);
// Of a plan.
ReferenceSteps ReferenceStepsOf(const Plan& plan);

}  // namespace assay
