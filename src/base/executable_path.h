#pragma once

#include <filesystem>

#include "base/status.h"

namespace assay {

// Absolute path of the running program. Errors: kIo if the operating system does not tell.
Result<std::filesystem::path> ExecutablePath();

}  // namespace assay
