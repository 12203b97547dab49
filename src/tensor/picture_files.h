#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tensor/image.h"
#include "tensor/tensor.h"

namespace assay {

// For tests: the pictures of tests/data/image and what Pillow makes of them. What cannot be read
// fails the test and comes back empty.

std::filesystem::path PictureFile(const std::string& name);
std::string PictureText(const std::string& name);

Result<Image> DecodeText(std::string_view file, const ImageLimits& limits = {});
Image DecodeFile(const std::string& name);

// Samples (height, width, 3) of a .npy file.
Tensor ExpectedSamples(const std::string& name);

}  // namespace assay
