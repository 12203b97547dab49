#pragma once

#include <memory>

#include "runners/runner_table.h"

namespace assay {

// Assay's own engine: built from the model, or loaded where the model is an engine file.
Result<std::unique_ptr<Runner>> CreateNativeRunner(const RunnerRequest& request);

}  // namespace assay
