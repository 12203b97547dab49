#pragma once

#include <memory>

#include "runners/runner_table.h"

namespace assay {

// Runs the model in the float64 interpreter, as exact or typed truth. Floating-point outputs come
// as float64. Errors of the model (unknown operators, types, shapes) show on Activate or on Run.
Result<std::unique_ptr<Runner>> CreateReferenceRunner(const RunnerRequest& request);

}  // namespace assay
