#pragma once

#include "plan/plan.h"
#include "runners/runner.h"

namespace assay {

// The steps of a plan that run kernels of the reference.
ReferenceSteps ReferenceStepsOf(const Plan& plan);

}  // namespace assay
