#pragma once

#include <string_view>

namespace assay {

// What bytes that are no ONNX model look like ("a PNG image", "a PyTorch checkpoint or zip
// archive", "text"), for messages; empty if nothing is recognised.
std::string_view DescribeForeignFile(std::string_view bytes);

}  // namespace assay
