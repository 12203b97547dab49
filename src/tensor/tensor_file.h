#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "tensor/recorded_run.h"
#include "tensor/tensor.h"

namespace assay {

// One entry point for saved inputs and outputs, whatever the format.
//
// Loading looks at what the file is, not at how it is called:
//   Polygraphy JSON   written by Assay or by Polygraphy (polygraphy_json.h)
//   .npz              naming of iterations and runners: see npz layout below
//   .npy              one tensor, called by the file's name without extension
//   a folder          its *.json and *.npz files in order of their names, each one or more
//   iterations
// Saving goes by the extension: .npz, .npy (exactly one tensor in all), none: a folder with
// 0000000000.json, 0000000001.json, ... (one iteration each; must be new or empty), any other:
// JSON.
//
// npz layout of inputs: "x", "y" for one iteration; "0/x", "0/y", "1/x", ... for several. A file in
// which every name starts with an iteration number, numbered from 0 without gaps, is read as
// several; a single iteration with only such names is written as iteration 0, so that it reads back
// the same. npz layout of outputs: ".runners", a vector of strings, names the runs; ".runtimes/R"
// holds the seconds of every iteration of run R (NaN: unknown); "R/I/y" is output y of iteration I
// of run R. A file without ".runners" is read as one run, named by the file, with the layout of
// inputs.

// One map per iteration; a file may hold no iteration at all.
// Errors: kNotFound, kInvalidInput (malformed, or a file of outputs), kUnsupported, kResourceLimit.
Result<std::vector<TensorMap>> LoadInputs(const std::filesystem::path& path);

// Iterations of a folder's files are joined run by run: runs belong together if they have the same
// name and are the same occurrence of that name in their files.
// Errors: kNotFound, kInvalidInput (malformed, or a file of inputs), kUnsupported, kResourceLimit.
Result<RecordedRuns> LoadOutputs(const std::filesystem::path& path);

Status SaveInputs(const std::filesystem::path& path, std::span<const TensorMap> iterations);
Status SaveOutputs(const std::filesystem::path& path, const RecordedRuns& runs);

// Saves inputs one iteration at a time. A folder's files appear one by one; a single file appears
// when Finish() succeeds, and without it nothing is left behind.
class InputsWriter {
 public:
  static Result<InputsWriter> Create(const std::filesystem::path& path);
  InputsWriter(InputsWriter&&) noexcept;
  InputsWriter& operator=(InputsWriter&&) noexcept;
  ~InputsWriter();
  InputsWriter(const InputsWriter&) = delete;
  InputsWriter& operator=(const InputsWriter&) = delete;

  Status Append(const TensorMap& inputs);
  Status Finish();

 private:
  struct Impl;
  explicit InputsWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Saves outputs one iteration at a time, each with one RecordedIteration per runner, in the order
// of the runners. A folder's files appear one by one; for a single file the iterations are kept
// (tensors are shared, not copied) until Finish() writes it.
class OutputsWriter {
 public:
  static Result<OutputsWriter> Create(const std::filesystem::path& path);
  OutputsWriter(OutputsWriter&&) noexcept;
  OutputsWriter& operator=(OutputsWriter&&) noexcept;
  ~OutputsWriter();
  OutputsWriter(const OutputsWriter&) = delete;
  OutputsWriter& operator=(const OutputsWriter&) = delete;

  Status Append(std::vector<RecordedIteration> runners);
  Status Finish();

 private:
  struct Impl;
  explicit OutputsWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// True if saving to `path` makes a folder of files, one per iteration: a path without extension
// that is no pipe or device.
bool IsFolderPath(const std::filesystem::path& path);

// The files of a folder of iterations, in order. For reading one iteration at a time.
Result<std::vector<std::filesystem::path>> ListIterationFiles(const std::filesystem::path& folder);

}  // namespace assay
