#pragma once

#include <filesystem>
#include <string>

#include "base/status.h"

namespace assay {

// What is in an engine file, for people: where it comes from, what it is for, its memory, and how
// often it uses each tactic; of one without a plan, how often it has each operator. `steps`: every
// step with its tactic, the model's nodes that it stands for, and where its results lie, or every
// node. Errors: those of ReadEngineFile.
Result<std::string> EngineFileText(const std::filesystem::path& path, bool steps);

}  // namespace assay
