#include "tensor/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "base/file.h"
#include "tensor/image_codec.h"
#include "tensor/image_resize.h"
#include "tensor/npy.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "image";

std::string FileText(const std::string& name) {
  const Result<std::string> text = ReadFile(kFolder / name);
  EXPECT_TRUE(text.ok()) << text.status().ToString();
  return text.ok() ? *text : "";
}

Result<Image> Decode(std::string_view file, const ImageLimits& limits = {}) {
  return DecodeImage(std::as_bytes(std::span(file.data(), file.size())), "test picture", limits);
}

Image DecodeFile(const std::string& name) {
  Result<Image> image = Decode(FileText(name));
  EXPECT_TRUE(image.ok()) << name << ": " << image.status().ToString();
  return image.ok() ? *image : Image();
}

Tensor Expected(const std::string& name) {
  const Result<Tensor> tensor = ReadNpy(kFolder / name);
  EXPECT_TRUE(tensor.ok()) << tensor.status().ToString();
  return tensor.ok() ? *tensor : Tensor();
}

// Largest difference between the picture and the samples that Pillow decoded.
int LargestDifference(const Image& image, const std::string& expected_name) {
  const Tensor expected = Expected(expected_name);
  if (expected.shape() != Shape{image.height, image.width, 3}) return 1 << 20;
  int largest = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    const auto index = static_cast<size_t>(i);
    const int sample = image.samples16.empty() ? image.samples8[index] : image.samples16[index];
    largest = std::max(largest, std::abs(sample - static_cast<int>(expected.ValueAsInt(i))));
  }
  return largest;
}

TEST(DecodeImage, PngIsExact) {
  for (const char* name : {"rgb8.png", "interlaced.png", "rgba.png"}) {
    EXPECT_EQ(LargestDifference(DecodeFile(name), "rgb8.npy"), 0) << name;
  }
  EXPECT_EQ(LargestDifference(DecodeFile("palette.png"), "palette.npy"), 0);
}

TEST(DecodeImage, SixteenBitPngKeepsItsBits) {
  const Image image = DecodeFile("rgb16.png");
  EXPECT_TRUE(image.samples8.empty());
  EXPECT_EQ(LargestDifference(image, "rgb16.npy"), 0);
}

TEST(DecodeImage, GreyBecomesThreeEqualChannels) {
  const Image rgb = DecodeFile("rgb8.png");
  const Image wide = DecodeFile("rgb16.png");
  const Image grey8 = DecodeFile("grey8.png");
  const Image grey_alpha = DecodeFile("grey_alpha.png");
  const Image grey16 = DecodeFile("grey16.png");
  const Image grey1 = DecodeFile("grey1.png");
  ASSERT_EQ(grey8.samples8.size(), rgb.samples8.size());
  ASSERT_EQ(grey_alpha.samples8.size(), rgb.samples8.size());
  ASSERT_EQ(grey16.samples16.size(), rgb.samples8.size());
  ASSERT_EQ(grey1.samples8.size(), rgb.samples8.size());
  for (size_t i = 0; i < rgb.samples8.size(); ++i) {
    const size_t red = i / 3 * 3;
    EXPECT_EQ(grey8.samples8[i], rgb.samples8[red]);
    EXPECT_EQ(grey_alpha.samples8[i], rgb.samples8[red]);
    EXPECT_EQ(grey16.samples16[i], wide.samples16[red]);
    EXPECT_EQ(grey1.samples8[i], rgb.samples8[red] >= 128 ? 255 : 0);
  }
}

// Releases of libjpeg-turbo may round differently by one step.
TEST(DecodeImage, JpegIsWhatPillowDecodes) {
  for (const char* name : {"rgb", "progressive", "grey", "cmyk"}) {
    const Image image = DecodeFile(std::string(name) + ".jpg");
    EXPECT_LE(LargestDifference(image, std::string(name) + ".npy"), 1) << name;
  }
}

TEST(DecodeImage, ExifOrientationIsApplied) {
  const Image image = DecodeFile("oriented.jpg");
  EXPECT_EQ(image.width, 12);
  EXPECT_EQ(image.height, 17);
  EXPECT_LE(LargestDifference(image, "oriented.npy"), 1);
}

TEST(ApplyOrientation, PutsTheEightCasesUpright) {
  // Stored  1 2 3   as red samples; each row below is what a viewer shows.
  //         4 5 6
  const struct {
    int orientation;
    int64_t width;
    std::vector<int> shown;
  } cases[] = {{1, 3, {1, 2, 3, 4, 5, 6}}, {2, 3, {3, 2, 1, 6, 5, 4}}, {3, 3, {6, 5, 4, 3, 2, 1}},
               {4, 3, {4, 5, 6, 1, 2, 3}}, {5, 2, {1, 4, 2, 5, 3, 6}}, {6, 2, {4, 1, 5, 2, 6, 3}},
               {7, 2, {6, 3, 5, 2, 4, 1}}, {8, 2, {3, 6, 2, 5, 1, 4}}, {9, 3, {1, 2, 3, 4, 5, 6}}};
  for (const auto& c : cases) {
    Image image;
    image.width = 3;
    image.height = 2;
    for (int i = 1; i <= 6; ++i)
      image.samples8.insert(image.samples8.end(), {static_cast<uint8_t>(i), 0, 9});
    ApplyOrientation(c.orientation, image);
    EXPECT_EQ(image.width, c.width) << c.orientation;
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(image.samples8[i * 3], c.shown[i]) << c.orientation << " " << i;
      EXPECT_EQ(image.samples8[i * 3 + 2], 9);
    }
  }
}

TEST(ReadExifOrientation, ReadsBothByteOrdersAndIgnoresNonsense) {
  const auto read = [](std::string_view segment) {
    return ReadExifOrientation(std::as_bytes(std::span(segment.data(), segment.size())));
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(read("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0"sv), 8);
  EXPECT_EQ(read("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x05\0\0"sv), 5);
  EXPECT_EQ(read("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"sv), 1);
  EXPECT_EQ(read("Exif\0\0II*\0\xff\xff\xff\xff"sv), 1);
  EXPECT_EQ(read("Exif\0\0II*\0\x08\0\0\0\xff\xff"sv), 1);
  EXPECT_EQ(read("Exif\0\0"sv), 1);
  EXPECT_EQ(read(""sv), 1);
}

TEST(DecodeImage, PnmIsScaledToFullRange) {
  const Result<Image> colour =
      Decode({"P6\n# made by hand\n2 1\n255\n\x01\x02\x03\xFF\xFE\x00", 35});
  ASSERT_TRUE(colour.ok()) << colour.status().ToString();
  EXPECT_EQ(colour->width, 2);
  EXPECT_EQ(colour->samples8, (std::vector<uint8_t>{1, 2, 3, 255, 254, 0}));
  const Result<Image> grey = Decode({"P5 3 1 3 \x00\x01\x03", 12});
  ASSERT_TRUE(grey.ok()) << grey.status().ToString();
  EXPECT_EQ(grey->samples8, (std::vector<uint8_t>{0, 0, 0, 85, 85, 85, 255, 255, 255}));
  const Result<Image> wide = Decode({"P5\n2 1\n1000\n\x03\xE8\x00\x01", 16});
  ASSERT_TRUE(wide.ok()) << wide.status().ToString();
  EXPECT_EQ(wide->samples16[0], 65535);
  EXPECT_EQ(wide->samples16[3], 66);
}

TEST(DecodeImage, BadPnmIsRefused) {
  for (std::string_view file :
       {"P6", "P6 2", "P6 2 1", "P6 2 1 255", "P6 2 1 255 12345", "P6 0 1 255 ", "P6 2 1 0 123456",
        "P6 2 1 65536 123456", "P6 -2 1 255 123456", "P6 99999999999 1 255 1",
        "P6 9999999999 9999999999 255 1", "P5 1 1 3 9", "P6x2 1 255 123456"}) {
    EXPECT_EQ(Decode(file).status().code(), StatusCode::kInvalidInput) << file;
  }
}

TEST(DecodeImage, EveryTruncationIsAnErrorThatNamesTheFile) {
  for (const char* name :
       {"rgb8.png", "interlaced.png", "palette.png", "rgb.jpg", "progressive.jpg"}) {
    const std::string file = FileText(name);
    for (size_t length = 0; length < file.size(); ++length) {
      const Status status = Decode(std::string_view(file).substr(0, length)).status();
      ASSERT_FALSE(status.ok()) << name << " " << length;
      EXPECT_NE(status.message().find("test picture"), std::string::npos);
    }
  }
}

TEST(DecodeImage, EveryDamagedByteIsSurvived) {
  for (const char* name :
       {"rgb8.png", "palette.png", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "oriented.jpg"}) {
    const std::string file = FileText(name);
    for (size_t i = 0; i < file.size(); ++i) {
      for (int flip : {0x01, 0x80, 0xFF}) {
        std::string damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const Result<Image> image = Decode(damaged, {.max_pixels = 100000});
        if (image.ok()) {
          EXPECT_EQ(image->samples8.size() + image->samples16.size(),
                    static_cast<size_t>(image->width * image->height * 3));
        }
      }
    }
  }
}

TEST(DecodeImage, ADamagedChecksumOfPngPixelsIsNoticed) {
  std::string file = FileText("rgb8.png");
  file[file.find("IDAT") + 20] ^= 0x10;
  const Status status = Decode(file).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("corrupt or truncated PNG"), std::string::npos)
      << status.message();
}

TEST(DecodeImage, PicturesAboveTheLimitAreRefused) {
  for (const char* name : {"rgb8.png", "rgb.jpg"}) {
    EXPECT_EQ(Decode(FileText(name), {.max_pixels = 203}).status().code(),
              StatusCode::kResourceLimit);
    EXPECT_TRUE(Decode(FileText(name), {.max_pixels = 204}).ok());
  }
}

TEST(DecodeImage, PngSizesThatCannotBeAreRefusedBeforeAllocation) {
  // 60000x4000 pixels in a file of a few hundred bytes, with a valid header checksum.
  std::string file = FileText("rgb8.png");
  const char header[] = "\x00\x00\xEA\x60\x00\x00\x0F\xA0\x08\x02\x00\x00\x00\x4F\xC0\x75\x11";
  file.replace(16, 17, header, 17);
  const Status status = Decode(file).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("cannot come from"), std::string::npos) << status.message();
}

TEST(DecodeImage, OtherFormatsAreNamed) {
  const std::pair<std::string, const char*> cases[] = {{"GIF89a", "GIF"},
                                                       {"RIFF1234WEBP", "WebP"},
                                                       {"BM1234", "BMP"},
                                                       {"", "empty"},
                                                       {"hello", "another format"}};
  for (const auto& [file, name] : cases) {
    const Status status = Decode(file).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_NE(status.message().find(name), std::string::npos) << status.message();
  }
}

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
        Expected("resized_" + std::to_string(height) + "x" + std::to_string(width) + ".npy");
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
  for (const char* name : {"b.PNG", "a.png"}) fs::copy_file(kFolder / "rgb8.png", folder / name);
  fs::copy_file(kFolder / "grey.jpg", folder / "B.jpeg");
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

  std::ofstream(folder / "c.png", std::ios::binary) << FileText("rgb8.png").substr(0, 200);
  const Status status = LoadImageInputs(folder, "x", options).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("c.png"), std::string::npos) << status.message();
  fs::remove_all(folder);
}

TEST(ListImages, MissingAndEmptyFoldersAreErrors) {
  EXPECT_EQ(ListImages(kFolder / "no_such").status().code(), StatusCode::kNotFound);
  const fs::path folder = fs::path(testing::TempDir()) / "assay_no_pictures";
  fs::create_directories(folder);
  EXPECT_EQ(ListImages(folder).status().code(), StatusCode::kInvalidInput);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace assay
