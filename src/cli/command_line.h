#pragma once

#include <string>
#include <vector>

namespace assay {

// Runs the program on the words after its name; returns its exit code. Never throws.
int RunCommandLine(const std::vector<std::string>& words);

}  // namespace assay
