#include "tensor/picture_files.h"

#include <gtest/gtest.h>

#include <span>

#include "base/file.h"
#include "tensor/npy.h"

namespace assay {

std::filesystem::path PictureFile(const std::string& name) {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "image" / name;
}

std::string PictureText(const std::string& name) {
  const Result<std::string> text = ReadFile(PictureFile(name));
  EXPECT_TRUE(text.ok()) << text.status().ToString();
  return text.ok() ? *text : "";
}

Result<Image> DecodeText(std::string_view file, const ImageLimits& limits) {
  return DecodeImage(std::as_bytes(std::span(file.data(), file.size())), "test picture", limits);
}

Image DecodeFile(const std::string& name) {
  Result<Image> image = DecodeText(PictureText(name));
  EXPECT_TRUE(image.ok()) << name << ": " << image.status().ToString();
  return image.ok() ? *image : Image();
}

Tensor ExpectedSamples(const std::string& name) {
  const Result<Tensor> tensor = ReadNpy(PictureFile(name));
  EXPECT_TRUE(tensor.ok()) << tensor.status().ToString();
  return tensor.ok() ? *tensor : Tensor();
}

}  // namespace assay
