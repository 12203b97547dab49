#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/image.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kUInt8);

constexpr OpSchema kSchemas[] = {
    {.since = 20,
     .inputs = {{"encoded_stream", kBytes}},
     .outputs = {{"image", kBytes}},
     .attributes = {StringAttribute("pixel_format", "RGB")}},
};

enum class PixelFormat { kRgb, kBgr, kGrayscale };

Result<PixelFormat> ReadPixelFormat(const OpContext& context) {
  const std::string name = context.String("pixel_format");
  if (name == "RGB") return PixelFormat::kRgb;
  if (name == "BGR") return PixelFormat::kBgr;
  if (name == "Grayscale") return PixelFormat::kGrayscale;
  return OpContext::Invalid(
      fmt::format("attribute \"pixel_format\": expected RGB, BGR or Grayscale, got \"{}\"", name));
}

int64_t ChannelsOf(PixelFormat format) { return format == PixelFormat::kGrayscale ? 1 : 3; }

Status CheckRank(int rank) {
  if (rank == 1) return OkStatus();
  return OpContext::Invalid(fmt::format("rank of the encoded stream: expected 1, got {}", rank));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const PixelFormat format, ReadPixelFormat(context));
  if (const auto rank = context.InputRank(0)) ASSAY_RETURN_IF_ERROR(CheckRank(*rank));
  context.SetOutput(0, DType::kUInt8,
                    SymbolicShape{Dim::Unknown(), Dim::Unknown(), ChannelsOf(format)});
  return OkStatus();
}

// The luma of ITU-R BT.601 in units of 2^-16, rounded to the nearest; what it is in Pillow.
uint8_t Luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >> 16);
}

void WritePixel(PixelFormat format, const uint8_t* rgb, uint8_t* out) {
  switch (format) {
    case PixelFormat::kRgb:
      std::copy(rgb, rgb + 3, out);
      break;
    case PixelFormat::kBgr:
      std::reverse_copy(rgb, rgb + 3, out);
      break;
    case PixelFormat::kGrayscale:
      *out = Luma(rgb);
      break;
  }
}

// The nearest samples of 8 bits.
std::vector<uint8_t> NarrowSamples(const std::vector<uint16_t>& wide) {
  std::vector<uint8_t> narrow;
  narrow.reserve(wide.size());
  for (const uint16_t sample : wide) narrow.push_back(static_cast<uint8_t>((sample + 128) / 257));
  return narrow;
}

// A stream that is no picture gives one without pixels, as the standard has it. The standard does
// not say whether an EXIF orientation counts; pixels come as they are stored.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const PixelFormat format, ReadPixelFormat(context));
  ASSAY_RETURN_IF_ERROR(CheckRank(context.Input(0).shape().rank()));
  Result<Image> decoded = DecodeImage(context.Input(0).bytes(), "", {.upright = false});
  if (!decoded.ok() && decoded.status().code() == StatusCode::kResourceLimit) {
    return decoded.status();
  }
  Image image;
  if (decoded.ok()) image = *std::move(decoded);
  if (!image.samples16.empty()) image.samples8 = NarrowSamples(image.samples16);
  const int64_t channels = ChannelsOf(format);
  Tensor& output = context.AllocateOutput(0, {image.height, image.width, channels});
  uint8_t* out = output.mutable_data<uint8_t>().data();
  ForEachSlice(context.threads(), image.height * image.width, 3, [&](int64_t pixel) {
    WritePixel(format, image.samples8.data() + pixel * 3, out + pixel * channels);
  });
  return OkStatus();
}

Tensor Stream(const std::string& text) {
  return Tensor::Vector(std::vector<uint8_t>(text.begin(), text.end()));
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor picture = Stream("P3 2 1 255  255 0 10  0 128 255");
  cases.push_back({.name = "rgb",
                   .inputs = {picture},
                   .expected = {Tensor::Of<uint8_t>({1, 2, 3}, {255, 0, 10, 0, 128, 255})}});
  cases.push_back({.name = "bgr",
                   .attributes = {{"pixel_format", "BGR"}},
                   .inputs = {picture},
                   .expected = {Tensor::Of<uint8_t>({1, 2, 3}, {10, 0, 255, 255, 128, 0})}});
  // 0.299 * 255 + 0.114 * 10 and 0.587 * 128 + 0.114 * 255.
  cases.push_back({.name = "grayscale",
                   .attributes = {{"pixel_format", "Grayscale"}},
                   .inputs = {picture},
                   .expected = {Tensor::Of<uint8_t>({1, 2, 1}, {77, 104})}});
  cases.push_back(
      {.name = "sixteen_bits_are_rounded",
       .inputs = {Stream("P2 3 1 65535  65535 385 386")},
       .expected = {Tensor::Of<uint8_t>({1, 3, 3}, {255, 255, 255, 1, 1, 1, 2, 2, 2})}});
  cases.push_back({.name = "no_picture",
                   .inputs = {Stream("hello")},
                   .expected = {Tensor::Of<uint8_t>({0, 0, 3}, {})}});
  cases.push_back({.name = "empty",
                   .attributes = {{"pixel_format", "Grayscale"}},
                   .inputs = {Tensor::Vector<uint8_t>({})},
                   .expected = {Tensor::Of<uint8_t>({0, 0, 1}, {})}});
}

}  // namespace

extern const OpDef kImageDecoder;
const OpDef kImageDecoder = {.name = "ImageDecoder",
                             .schemas = kSchemas,
                             .infer = Infer,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
