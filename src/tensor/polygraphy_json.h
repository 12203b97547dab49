#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tensor/recorded_run.h"
#include "tensor/tensor.h"

namespace assay {

// Polygraphy's JSON files, read and written so that both programs can exchange them.
//
//   inputs   [ {NAME: ARRAY, ...}, ... ], one object per iteration; a single object is one
//   iteration outputs  {"lst": [ [RUNNER, [ITERATION, ...]], ... ], "polygraphy_class":
//   "RunResults"} ITERATION  {"outputs": {NAME: {"values": ARRAY, "polygraphy_class": "LazyArray"},
//   ...},
//               "runtime": SECONDS, "runner_name": RUNNER, "polygraphy_class": "IterationResult"}
//   ARRAY      {"array": BASE64, "polygraphy_class": "ndarray"}, BASE64 of a complete .npy file
//
// Files of older releases are read too: class markers of the form "__polygraphy_encoded_ndarray":
// "polygraphy_serialized_json_type", the class name LazyNumpyArray, and arrays as Latin-1 text of a
// .npy or .npz file. Arrays are decoded straight from the text into their tensors.
//
// `where` stands in error messages. Errors: kInvalidInput (malformed, truncated, bad base64, the
// other kind of file), kUnsupported (torch tensors, other classes), kResourceLimit.
Result<std::vector<TensorMap>> ParseInputsJson(std::string_view text, std::string_view where);
Result<RecordedRuns> ParseOutputsJson(std::string_view text, std::string_view where);

Result<std::vector<TensorMap>> ReadInputsJson(const std::filesystem::path& path);
Result<RecordedRuns> ReadOutputsJson(const std::filesystem::path& path);

// Written as Polygraphy writes them, byte for byte. Names must be UTF-8 (kInvalidInput).
Status WriteInputsJson(const std::filesystem::path& path, std::span<const TensorMap> iterations);
// One iteration as an object of its own, the form that folders of inputs hold.
Status WriteIterationJson(const std::filesystem::path& path, const TensorMap& iteration);
Status WriteOutputsJson(const std::filesystem::path& path, const RecordedRuns& runs);

// Writes a list of inputs one iteration at a time. The file appears when Finish() succeeds.
class InputsJsonWriter {
 public:
  static Result<InputsJsonWriter> Create(const std::filesystem::path& path);
  InputsJsonWriter(InputsJsonWriter&&) noexcept;
  InputsJsonWriter& operator=(InputsJsonWriter&&) noexcept;
  ~InputsJsonWriter();
  InputsJsonWriter(const InputsJsonWriter&) = delete;
  InputsJsonWriter& operator=(const InputsJsonWriter&) = delete;

  Status Append(const TensorMap& inputs);
  Status Finish();

 private:
  struct Impl;
  explicit InputsJsonWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
