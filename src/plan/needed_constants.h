#pragma once

#include <memory>
#include <vector>

#include "plan/plan.h"

namespace assay {

// Per value of the plan's graph: 1 for what some step reads in another form than the packed one.
std::vector<char> NeededValues(const Plan& plan);

// The same plan with a graph whose unneeded constants are zeros that take up no memory. For plans
// whose weights are packed. Errors: kResourceLimit.
Result<std::shared_ptr<const Plan>> WithoutPackedConstants(const Plan& plan);

}  // namespace assay
