#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tensor/npz.h"
#include "tensor/recorded_run.h"
#include "tensor/tensor.h"

namespace assay {

// Inputs of several iterations and outputs of several runs as the arrays of one .npz file; the
// names are described in tensor_file.h.

// Errors: kInvalidInput if the arrays are those of a file of outputs.
Result<std::vector<TensorMap>> UnpackInputs(TensorMap arrays);

// `default_runner` names the run if the arrays do not. Errors: kInvalidInput.
Result<RecordedRuns> UnpackOutputs(TensorMap arrays, const std::string& default_runner);

Status WriteOutputsArchive(const std::filesystem::path& path, const RecordedRuns& runs);

// Writes inputs one iteration at a time; the first is kept until it is known whether more follow.
class InputsArchiveWriter {
 public:
  static Result<InputsArchiveWriter> Create(const std::filesystem::path& path);
  Status Append(const TensorMap& inputs);
  Status Finish();

 private:
  explicit InputsArchiveWriter(NpzWriter writer) : writer_(std::move(writer)) {}
  Status Add(size_t iteration, const TensorMap& inputs);

  NpzWriter writer_;
  size_t count_ = 0;
  TensorMap first_;
};

}  // namespace assay
