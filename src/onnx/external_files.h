#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Where the weights of an ONNX model lie beside the model itself: the names of its files of
// external data as they stand in the bytes of the model, in their order, each once. Of malformed
// bytes those up to the damage.
std::vector<std::string> ExternalDataLocations(std::string_view model);

// The same as paths: in `folder`, or if that is empty in the model's folder, whether they are there
// or not. None for a file that cannot be read or is no ONNX model.
std::vector<std::filesystem::path> ExternalDataFiles(const std::filesystem::path& model,
                                                     const std::filesystem::path& folder = {});

}  // namespace assay
