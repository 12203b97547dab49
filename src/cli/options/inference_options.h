#pragma once

#include <optional>
#include <string>

#include "base/log.h"
#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"

namespace assay {

extern const OptionGroup kInferenceOptions;

// How the runners run, and what is saved of it.
struct InferenceSettings {
  bool sequential = false;  // every runner to its end, one after the other
  int64_t warm_up = 0;
  std::string save_inputs;      // empty: not saved
  std::string save_input_blob;  // a folder; empty: not saved
  std::string save_outputs;
};

// Errors: kUsage.
Result<InferenceSettings> ReadInferenceOptions(const ParsedOptions& options, LogSink& log);

}  // namespace assay
