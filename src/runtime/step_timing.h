#pragma once

#include <span>
#include <string>
#include <string_view>

namespace assay {

// Time of one step of one run. What it refers to lives until the context runs again or goes.
struct StepTiming {
  std::string_view tactic;
  std::span<const std::string> origins;  // names of the model's nodes that it stands for
  double seconds = 0;
};

}  // namespace assay
