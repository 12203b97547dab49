#pragma once

#include <functional>

#include "tests/fuzz/graphs/evaluations.h"

namespace assay::fuzz {

// A smaller case for which `fails` still holds: fewer outputs, values in the middle given as
// inputs.
Case Minimise(const Case& c, const std::function<bool(const Case&)>& fails, ThreadPool& threads);

}  // namespace assay::fuzz
