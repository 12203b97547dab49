#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "base/log.h"
#include "base/status.h"
#include "cli/options/inference_options.h"
#include "cli/run/run_stream.h"
#include "tensor/tensor.h"
#include "tensor/tensor_file.h"

namespace assay {

// Saves inputs and outputs of live runs as they come. Single files appear complete or not at all.
class RunSavers {
 public:
  // Opens what the settings ask for; announces it. Errors: kIo, kInvalidInput (a folder that is not
  // empty).
  static Result<RunSavers> Create(const InferenceSettings& settings, LogSink& log);

  Status AppendInputs(const TensorMap& inputs);
  Status AppendOutputs(const RunGroup& group);
  Status Finish();

 private:
  RunSavers(const InferenceSettings& settings, LogSink& log) : settings_(settings), log_(&log) {}
  Status AppendBlob(const TensorMap& inputs);

  InferenceSettings settings_;
  LogSink* log_;
  FolderMaker folders_;  // of the raw inputs
  std::optional<InputsWriter> inputs_;
  std::optional<OutputsWriter> outputs_;
  int64_t input_index_ = 0;
  int64_t output_index_ = 0;
};

}  // namespace assay
