#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tensor/image_codec.h"
#include "tensor/picture_files.h"

namespace assay {
namespace {

// Largest difference between the picture and the samples that Pillow decoded.
int LargestDifference(const Image& image, const std::string& expected_name) {
  const Tensor expected = ExpectedSamples(expected_name);
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

TEST(DecodeImage, BmpIsExact) {
  for (const char* name : {"rgb24", "rgb32"}) {
    EXPECT_EQ(LargestDifference(DecodeFile(std::string(name) + ".bmp"), "rgb8.npy"), 0) << name;
  }
  for (const char* name : {"grey1", "palette4", "rle4", "rle8"}) {
    const std::string file(name);
    EXPECT_EQ(LargestDifference(DecodeFile(file + ".bmp"), file + ".npy"), 0) << name;
  }
  // Pillow cuts off where it widens 5 bits to 8.
  EXPECT_LE(LargestDifference(DecodeFile("rgb555.bmp"), "rgb555.npy"), 1);
}

TEST(DecodeImage, LosslessFormatsAreExact) {
  for (const char* name : {"rgb.tif", "lzw.tif", "deflate.tif", "rgba.tif", "lossless.webp",
                           "rgba.webp", "lossless.jp2", "lossless.j2k"}) {
    EXPECT_EQ(LargestDifference(DecodeFile(name), "rgb8.npy"), 0) << name;
  }
  for (const char* name : {"indexed.tif", "luma.tif", "luma.jp2"}) {
    const std::string file(name);
    EXPECT_EQ(LargestDifference(DecodeFile(file), file.substr(0, file.find('.')) + ".npy"), 0)
        << name;
  }
}

TEST(DecodeImage, LossyWebpIsWhatPillowDecodes) {
  EXPECT_LE(LargestDifference(DecodeFile("lossy.webp"), "lossy.npy"), 1);
}

TEST(DecodeImage, SixteenBitJpeg2000KeepsItsBits) {
  const Image image = DecodeFile("grey16.jp2");
  const Image rgb = DecodeFile("rgb8.png");
  ASSERT_EQ(image.samples16.size(), rgb.samples8.size());
  for (size_t i = 0; i < rgb.samples8.size(); ++i) {
    EXPECT_EQ(image.samples16[i], rgb.samples8[i / 3 * 3] * 257);
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
      DecodeText({"P6\n# made by hand\n2 1\n255\n\x01\x02\x03\xFF\xFE\x00", 35});
  ASSERT_TRUE(colour.ok()) << colour.status().ToString();
  EXPECT_EQ(colour->width, 2);
  EXPECT_EQ(colour->samples8, (std::vector<uint8_t>{1, 2, 3, 255, 254, 0}));
  const Result<Image> grey = DecodeText({"P5 3 1 3 \x00\x01\x03", 12});
  ASSERT_TRUE(grey.ok()) << grey.status().ToString();
  EXPECT_EQ(grey->samples8, (std::vector<uint8_t>{0, 0, 0, 85, 85, 85, 255, 255, 255}));
  const Result<Image> wide = DecodeText({"P5\n2 1\n1000\n\x03\xE8\x00\x01", 16});
  ASSERT_TRUE(wide.ok()) << wide.status().ToString();
  EXPECT_EQ(wide->samples16[0], 65535);
  EXPECT_EQ(wide->samples16[3], 66);
}

TEST(DecodeImage, TextAndBitmapPnmAreRead) {
  const std::vector<uint8_t> bits = {0, 0, 0, 255, 255, 255, 0, 0, 0};
  EXPECT_EQ(DecodeText("P1 3 1 1 0 1")->samples8, bits);
  EXPECT_EQ(DecodeText("P1 3 1 101")->samples8, bits);
  EXPECT_EQ(DecodeText("P4 3 1 \xBF")->samples8, bits);
  EXPECT_EQ(DecodeText("P2 3 1 5 0 5 # grey\n0")->samples8, bits);
  EXPECT_EQ(DecodeText("P3\n2 1\n255\n1 2 3 255 254 0\n")->samples8,
            (std::vector<uint8_t>{1, 2, 3, 255, 254, 0}));
}

TEST(DecodeImage, BadPnmIsRefused) {
  for (std::string_view file :
       {"P6", "P6 2", "P6 2 1", "P6 2 1 255", "P6 2 1 255 12345", "P6 0 1 255 ", "P6 2 1 0 123456",
        "P6 2 1 65536 123456", "P6 -2 1 255 123456", "P6 99999999999 1 255 1",
        "P6 9999999999 9999999999 255 1", "P5 1 1 3 9", "P6x2 1 255 123456", "P1 3 1 102",
        "P1 3 1 10 ", "P4 9 1 1", "P2 2 1 255 1 256", "P2 2 1 255 1    ", "P3 1 1 255 1 2 x"}) {
    EXPECT_EQ(DecodeText(file).status().code(), StatusCode::kInvalidInput) << file;
  }
}

TEST(DecodeImage, EveryTruncationIsAnErrorThatNamesTheFile) {
  for (const char* name :
       {"rgb8.png", "interlaced.png", "palette.png", "rgb.jpg", "progressive.jpg", "rgb24.bmp",
        "rle8.bmp", "rle4.bmp", "lzw.tif", "lossless.webp", "lossy.webp", "lossless.jp2"}) {
    const std::string file = PictureText(name);
    for (size_t length = 0; length < file.size(); ++length) {
      const Status status = DecodeText(std::string_view(file).substr(0, length)).status();
      ASSERT_FALSE(status.ok()) << name << " " << length;
      EXPECT_NE(status.message().find("test picture"), std::string::npos);
    }
  }
}

TEST(DecodeImage, EveryDamagedByteIsSurvived) {
  for (const char* name :
       {"rgb8.png", "palette.png", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "oriented.jpg",
        "rgb24.bmp", "grey1.bmp", "palette4.bmp", "rgb555.bmp", "rle8.bmp", "rle4.bmp", "lzw.tif",
        "indexed.tif", "lossless.webp", "lossy.webp", "lossless.jp2", "lossless.j2k"}) {
    const std::string file = PictureText(name);
    for (size_t i = 0; i < file.size(); ++i) {
      for (int flip : {0x01, 0x80, 0xFF}) {
        std::string damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const Result<Image> image = DecodeText(damaged, {.max_pixels = 100000});
        if (image.ok()) {
          EXPECT_EQ(image->samples8.size() + image->samples16.size(),
                    static_cast<size_t>(image->width * image->height * 3));
        }
      }
    }
  }
}

TEST(DecodeImage, ADamagedChecksumOfPngPixelsIsNoticed) {
  std::string file = PictureText("rgb8.png");
  file[file.find("IDAT") + 20] ^= 0x10;
  const Status status = DecodeText(file).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("corrupt or truncated PNG"), std::string::npos)
      << status.message();
}

TEST(DecodeImage, PicturesAboveTheLimitAreRefused) {
  for (const char* name : {"rgb8.png", "rgb.jpg"}) {
    EXPECT_EQ(DecodeText(PictureText(name), {.max_pixels = 203}).status().code(),
              StatusCode::kResourceLimit);
    EXPECT_TRUE(DecodeText(PictureText(name), {.max_pixels = 204}).ok());
  }
}

TEST(DecodeImage, PngSizesThatCannotBeAreRefusedBeforeAllocation) {
  // 60000x4000 pixels in a file of a few hundred bytes, with a valid header checksum.
  std::string file = PictureText("rgb8.png");
  const char header[] = "\x00\x00\xEA\x60\x00\x00\x0F\xA0\x08\x02\x00\x00\x00\x4F\xC0\x75\x11";
  file.replace(16, 17, header, 17);
  const Status status = DecodeText(file).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("cannot come from"), std::string::npos) << status.message();
}

TEST(DecodeImage, OtherFormatsAreNamed) {
  const std::pair<std::string, const char*> cases[] = {
      {"GIF89a", "GIF"}, {"P7\nWIDTH", "PAM"}, {"", "empty"}, {"hello", "another format"}};
  for (const auto& [file, name] : cases) {
    const Status status = DecodeText(file).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_NE(status.message().find(name), std::string::npos) << status.message();
  }
}

}  // namespace
}  // namespace assay
