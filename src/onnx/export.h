#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

struct ExportOptions {
  // Above 2 GB, the most that a protobuf message may hold, weights go to files beside the model
  // whether asked for or not.
  bool external_data = false;
  // Name of the file of external data, or with one_external_file off the prefix of the names;
  // empty: the model's file name + ".data".
  std::string external_data_name;
  // Tensors of fewer bytes stay inside the model.
  size_t external_data_threshold = 1024;
  bool one_external_file = true;
  // Every tensor starts at a multiple of this in the file of external data.
  size_t external_data_alignment = 4096;
};

// The model as ONNX protobuf, all weights inside. What LoadModel made of a file comes back as a
// file that means the same; LoadModel of the result gives an equal model. Unnamed values get names.
// Errors: kInvalidInput (verifier findings, weights that were not loaded), kResourceLimit (2 GB or
// more: protobuf's limit).
Result<std::string> SerializeModel(const Model& model);

// Writes the model to a file that appears only when complete.
Status SaveModel(const Model& model, const std::filesystem::path& path,
                 const ExportOptions& options = {});

}  // namespace assay
