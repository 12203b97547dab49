#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/parser.h"

namespace assay {

// Checks the paths that a command line writes to before anything runs: what is read (the weights of
// a model in files of their own too) must not be written, nothing is written twice, and the folders
// are there and can be written to. Errors: kUsage for paths in conflict, else as CheckWritable.
Status CheckPaths(const ParsedOptions& options);

// The same for one option, by any of its names.
Status CheckPathOf(const ParsedOptions& options, std::string_view name);

}  // namespace assay
