#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"

namespace assay {

// Read-only memory that is all zero and takes up room only where it is read. Errors:
// kResourceLimit.
Result<std::shared_ptr<const void>> MapZeroPages(size_t bytes);

}  // namespace assay
