#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace assay {

// What one inference of one runner gave, as files of outputs keep it.
struct RecordedIteration {
  TensorMap outputs;
  std::optional<double> runtime_seconds;  // nullopt: the file does not say
  std::string runner_name;
};

// All iterations of one runner, in order.
struct RecordedRun {
  std::string runner_name;
  std::vector<RecordedIteration> iterations;
};

// In the order of the command line. Two runs may bear the same name.
using RecordedRuns = std::vector<RecordedRun>;

}  // namespace assay
