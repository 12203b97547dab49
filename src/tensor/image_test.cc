#include "tensor/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "tensor/image_resize.h"
#include "tensor/picture_files.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

TEST(TriangleTaps, HalfTheSizeAveragesFourWithTriangleWeights) {
  const std::vector<ResizeTaps> taps = TriangleTaps(8, 4);
  EXPECT_EQ(taps[1].first, 1);
  EXPECT_EQ(taps[1].weights, (std::vector<float>{0.125F, 0.375F, 0.375F, 0.125F}));
  // At the border the taps outside are dropped and the rest is normalised.
  EXPECT_EQ(taps[0].first, 0);
  EXPECT_EQ(taps[0].weights.size(), 3U);
  EXPECT_FLOAT_EQ(taps[0].weights[0], 0.375F / 0.875F);
}

TEST(TriangleTaps, EveryPositionSumsToOne) {
  for (int64_t input : {1, 2, 3, 17, 1000}) {
    for (int64_t output : {1, 2, 5, 16, 999, 2000}) {
      for (const ResizeTaps& tap : TriangleTaps(input, output)) {
        double sum = 0;
        for (float weight : tap.weights) sum += weight;
        EXPECT_NEAR(sum, 1, 1e-5);
        EXPECT_GE(tap.first, 0);
        EXPECT_LE(tap.first + static_cast<int64_t>(tap.weights.size()), input);
      }
    }
  }
}

TEST(ResizeSamples, IsPillowsBilinearInFloat) {
  const Image image = DecodeFile("rgb8.png");
  for (const auto& [height, width] :
       std::vector<std::pair<int64_t, int64_t>>{{5, 7}, {23, 40}, {30, 17}, {12, 5}, {1, 1}}) {
    const Tensor expected =
        ExpectedSamples("resized_" + std::to_string(height) + "x" + std::to_string(width) + ".npy");
    const std::vector<float> resized = ResizeSamples(std::span<const uint8_t>(image.samples8),
                                                     image.height, image.width, 3, height, width);
    ASSERT_EQ(static_cast<int64_t>(resized.size()), expected.elements());
    for (size_t i = 0; i < resized.size(); ++i) {
      EXPECT_NEAR(resized[i], expected.data<float>()[i], 1e-4)
          << height << "x" << width << " " << i;
    }
  }
}

TEST(ImageToTensor, NormalisesChannelsInFloat32) {
  const Image image = DecodeFile("rgb8.png");
  ImageOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std_dev = {0.229, 0.224, 0.225};
  const Result<Tensor> tensor = ImageToTensor(image, options);
  ASSERT_TRUE(tensor.ok());
  ASSERT_EQ(tensor->shape(), (Shape{1, 3, 12, 17}));
  const auto data = tensor->data<float>();
  for (size_t channel = 0; channel < 3; ++channel) {
    for (size_t pixel = 0; pixel < 12 * 17; ++pixel) {
      const double value = image.samples8[pixel * 3 + channel] / 255.0;
      EXPECT_FLOAT_EQ(
          data[channel * 12 * 17 + pixel],
          static_cast<float>((value - options.mean[channel]) / options.std_dev[channel]));
    }
  }
}

TEST(ImageToTensor, LayoutAndChannelOrderMoveTheSamples) {
  const Image image = DecodeFile("rgb8.png");
  ImageOptions options;
  options.layout = ImageLayout::kNhwc;
  options.channels = ChannelOrder::kBgr;
  options.dtype = DType::kUInt8;
  const Result<Tensor> tensor = ImageToTensor(image, options);
  ASSERT_TRUE(tensor.ok());
  ASSERT_EQ(tensor->shape(), (Shape{1, 12, 17, 3}));
  for (size_t i = 0; i < image.samples8.size(); ++i) {
    EXPECT_EQ(tensor->data<uint8_t>()[i], image.samples8[i / 3 * 3 + (2 - i % 3)]);
  }
  options.channels = ChannelOrder::kBgr;
  options.layout = ImageLayout::kNchw;
  options.dtype = DType::kFloat32;
  options.mean = {1, 0, 0};
  const Result<Tensor> planes = ImageToTensor(image, options);
  ASSERT_TRUE(planes.ok());
  EXPECT_FLOAT_EQ(planes->data<float>()[0], image.samples8[2] / 255.0F - 1);
}

TEST(ImageToTensor, SixteenBitsKeepTheirPrecision) {
  const Image image = DecodeFile("rgb16.png");
  const Result<Tensor> tensor = ImageToTensor(image, {});
  ASSERT_TRUE(tensor.ok());
  for (size_t pixel = 0; pixel < 12 * 17; ++pixel) {
    EXPECT_NEAR(tensor->data<float>()[pixel], image.samples16[pixel * 3] / 65535.0, 1e-7);
  }
  ImageOptions raw;
  raw.dtype = DType::kUInt8;
  const Result<Tensor> bytes = ImageToTensor(image, raw);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->data<uint8_t>()[5], std::lround(image.samples16[15] / 257.0));
}

TEST(ImageToTensor, OtherFloatTypesAreRounded) {
  const Image image = DecodeFile("rgb8.png");
  ImageOptions options;
  options.dtype = DType::kFloat16;
  const Result<Tensor> half = ImageToTensor(image, options);
  const Result<Tensor> single = ImageToTensor(image, {});
  ASSERT_TRUE(half.ok() && single.ok());
  ASSERT_EQ(half->dtype(), DType::kFloat16);
  EXPECT_EQ(half->ValueAsDouble(7), RoundToDType(DType::kFloat16, single->ValueAsDouble(7)));
}

TEST(ImageToTensor, WrongOptionsAreUsageErrors) {
  const Image image = DecodeFile("rgb8.png");
  ImageOptions one_extent;
  one_extent.height = 5;
  ImageOptions zero_deviation;
  zero_deviation.std_dev = {1, 0, 1};
  ImageOptions integer;
  integer.dtype = DType::kInt32;
  ImageOptions huge;
  huge.height = huge.width = 1 << 20;
  for (const ImageOptions& options : {one_extent, zero_deviation, integer, huge}) {
    EXPECT_EQ(ImageToTensor(image, options).status().code(), StatusCode::kUsage);
  }
}

TEST(ParseImageSize, ReadsHeightThenWidth) {
  const Result<ImageSize> size = ParseImageSize("512x768");
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(size->height, 512);
  EXPECT_EQ(size->width, 768);
  for (const char* text :
       {"", "512", "512x", "x512", "0x5", "-1x5", "5x5x5", "5 x 5", "99999x1", "axb"}) {
    EXPECT_EQ(ParseImageSize(text).status().code(), StatusCode::kUsage) << text;
  }
}

TEST(ParseChannelValues, ReadsOneOrThreeNumbers) {
  const Result<std::array<double, 3>> three = ParseChannelValues("0.485,0.456,0.406");
  ASSERT_TRUE(three.ok());
  EXPECT_EQ((*three)[1], 0.456);
  const Result<std::array<double, 3>> one = ParseChannelValues("0.5");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(*one, (std::array<double, 3>{0.5, 0.5, 0.5}));
  for (const char* text : {"", "1,2", "1,2,3,4", "1,,3", "a,b,c", "1,2,nan", "[1,2,3]"}) {
    EXPECT_EQ(ParseChannelValues(text).status().code(), StatusCode::kUsage) << text;
  }
}

TEST(LoadImageInputs, TakesThePicturesOfAFolderInOrderOfTheirNames) {
  const fs::path folder = fs::path(testing::TempDir()) / "assay_pictures";
  fs::remove_all(folder);
  fs::create_directories(folder / "sub.png");
  for (const char* name : {"b.PNG", "a.png"}) fs::copy_file(PictureFile("rgb8.png"), folder / name);
  fs::copy_file(PictureFile("grey.jpg"), folder / "B.jpeg");
  std::ofstream(folder / "notes.txt") << "not a picture";
  ImageOptions options;
  options.height = 4;
  options.width = 6;
  const Result<std::vector<TensorMap>> inputs = LoadImageInputs(folder, "x", options);
  ASSERT_TRUE(inputs.ok()) << inputs.status().ToString();
  ASSERT_EQ(inputs->size(), 3U);
  EXPECT_EQ((*inputs)[0][0].name, "x");
  EXPECT_EQ((*inputs)[0][0].tensor.shape(), (Shape{1, 3, 4, 6}));
  // "B.jpeg" comes first: grey, so that red and green are equal.
  EXPECT_EQ((*inputs)[0][0].tensor.data<float>()[5],
            (*inputs)[0][0].tensor.data<float>()[4 * 6 + 5]);
  EXPECT_NE((*inputs)[1][0].tensor.data<float>()[5],
            (*inputs)[1][0].tensor.data<float>()[4 * 6 + 5]);

  std::ofstream(folder / "c.png", std::ios::binary) << PictureText("rgb8.png").substr(0, 200);
  const Status status = LoadImageInputs(folder, "x", options).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("c.png"), std::string::npos) << status.message();
  fs::remove_all(folder);
}

TEST(ListImages, MissingAndEmptyFoldersAreErrors) {
  EXPECT_EQ(ListImages(PictureFile("no_such")).status().code(), StatusCode::kNotFound);
  const fs::path folder = fs::path(testing::TempDir()) / "assay_no_pictures";
  fs::create_directories(folder);
  EXPECT_EQ(ListImages(folder).status().code(), StatusCode::kInvalidInput);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace assay
