#include "tensor/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <new>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "tensor/image_codec.h"
#include "tensor/image_resize.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtensions[] = {".jpg", ".jpeg", ".png", ".ppm", ".pgm",
                                            ".pbm", ".pnm",  ".bmp", ".jp2", ".j2k",
                                            ".tif", ".tiff", ".webp"};
constexpr int64_t kMaxExtent = 1 << 16;

Status UnknownFormat(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kOthers[] = {
      {"GIF8", "GIF"}, {std::string_view("\0\0\0", 3), "HEIF or AVIF"}, {"P7", "PAM"}};
  std::string got = "another format";
  for (const auto& [magic, name] : kOthers) {
    if (text.starts_with(magic)) got = name;
  }
  if (text.empty()) got = "an empty file";
  return Status(StatusCode::kUnsupported,
                fmt::format("expected a BMP, JPEG, JPEG 2000, PNG, PNM, TIFF or WebP picture, "
                            "got {}",
                            got),
                "convert the picture to PNG");
}

Status OutOfMemory(int64_t width, int64_t height) {
  return Status(StatusCode::kResourceLimit,
                fmt::format("no memory for a picture of {}x{} pixels", width, height),
                "use a smaller picture or image size");
}

struct Format {
  std::string_view magic;
  Result<Image> (*decode)(std::span<const std::byte> bytes, const ImageLimits& limits);
};

constexpr Format kFormats[] = {
    {"\xFF\xD8\xFF", DecodeJpeg},
    {"\x89PNG\r\n\x1A\n", DecodePng},
    {"P1", DecodePnm},
    {"P2", DecodePnm},
    {"P3", DecodePnm},
    {"P4", DecodePnm},
    {"P5", DecodePnm},
    {"P6", DecodePnm},
    {"BM", DecodeBmp},
    {std::string_view("\0\0\0\x0CjP  \r\n\x87\n", 12), DecodeJpeg2000},
    {"\xFF\x4F\xFF\x51", DecodeJpeg2000},
    {std::string_view("II*\0", 4), DecodeTiff},
    {std::string_view("MM\0*", 4), DecodeTiff},
    {std::string_view("II+\0", 4), DecodeTiff},
    {std::string_view("MM\0+", 4), DecodeTiff},
};

Result<Image> DecodeUnnamed(std::span<const std::byte> bytes, const ImageLimits& limits) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  try {
    for (const Format& format : kFormats) {
      if (text.starts_with(format.magic)) return format.decode(bytes, limits);
    }
    if (text.starts_with("RIFF") && text.substr(0, 12).ends_with("WEBP")) {
      return DecodeWebp(bytes, limits);
    }
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "no memory to decode the picture",
                  "use a smaller picture");
  }
  return UnknownFormat(text);
}

Status CheckOptions(const ImageOptions& options) {
  if (options.dtype != DType::kUInt8 && !IsFloating(options.dtype)) {
    return Status(StatusCode::kUsage,
                  fmt::format("pictures: expected uint8 or a floating type, got {}",
                              DTypeName(options.dtype)));
  }
  const bool keeps_size = options.height == 0 && options.width == 0;
  const auto valid = [](int64_t extent) { return extent >= 1 && extent <= kMaxExtent; };
  if (!keeps_size && (!valid(options.height) || !valid(options.width))) {
    return Status(StatusCode::kUsage,
                  fmt::format("image size: expected extents in [1, {}], got {}x{}", kMaxExtent,
                              options.height, options.width));
  }
  for (const double std_dev : options.std_dev) {
    if (std_dev == 0 || !std::isfinite(std_dev)) {
      return Status(StatusCode::kUsage,
                    fmt::format("std: expected numbers other than 0, got {}", std_dev));
    }
  }
  return OkStatus();
}

// The samples in [0, 255], resized if that is asked for. Errors: kResourceLimit.
Result<std::vector<float>> Samples(const Image& image, int64_t height, int64_t width) {
  const auto resize = [&](const auto& samples) {
    return ResizeSamples(std::span(samples), image.height, image.width, 3, height, width);
  };
  try {
    if (image.samples16.empty()) return resize(image.samples8);
    std::vector<float> samples = resize(image.samples16);
    for (float& sample : samples) sample *= 255.0F / 65535.0F;
    return samples;
  } catch (const std::bad_alloc&) {
    return OutOfMemory(width, height);
  }
}

template <typename T, typename Value>
void LayOut(std::span<const float> samples, const ImageOptions& options, const Value& value,
            std::span<T> out) {
  const size_t pixels = samples.size() / 3;
  for (size_t channel = 0; channel < 3; ++channel) {
    const size_t source = options.channels == ChannelOrder::kRgb ? channel : 2 - channel;
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
      const size_t target =
          options.layout == ImageLayout::kNchw ? channel * pixels + pixel : pixel * 3 + channel;
      out[target] = value(samples[pixel * 3 + source], channel);
    }
  }
}

bool HasImageExtension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

}  // namespace

Status AllocateImage(int64_t width, int64_t height, int bits, const ImageLimits& limits,
                     Image& image) {
  if (width < 1 || height < 1) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("expected at least one pixel, got {}x{}", width, height));
  }
  if (width > limits.max_pixels / height) {
    return Status(
        StatusCode::kResourceLimit,
        fmt::format("expected at most {} pixels, got {}x{}", limits.max_pixels, width, height),
        "scale the picture down first");
  }
  image.width = width;
  image.height = height;
  const auto samples = static_cast<size_t>(width * height * 3);
  try {
    if (bits == 16) {
      image.samples16.resize(samples);
    } else {
      image.samples8.resize(samples);
    }
  } catch (const std::bad_alloc&) {
    return OutOfMemory(width, height);
  }
  return OkStatus();
}

Result<Image> DecodeImage(std::span<const std::byte> bytes, std::string_view name,
                          const ImageLimits& limits) {
  Result<Image> image = DecodeUnnamed(bytes, limits);
  if (!image.ok() && !name.empty()) return image.status().WithContext(name);
  return image;
}

Result<ImageSize> ParseImageSize(std::string_view text) {
  ImageSize size{};
  const char* end = text.data() + text.size();
  const auto height = std::from_chars(text.data(), end, size.height);
  bool valid =
      height.ec == std::errc() && height.ptr != end && (*height.ptr == 'x' || *height.ptr == 'X');
  if (valid) {
    const auto width = std::from_chars(height.ptr + 1, end, size.width);
    valid = width.ec == std::errc() && width.ptr == end;
  }
  if (!valid || size.height < 1 || size.width < 1 || size.height > kMaxExtent ||
      size.width > kMaxExtent) {
    return Status(
        StatusCode::kUsage,
        fmt::format("image size: expected HEIGHTxWIDTH in [1, {}], got \"{}\"", kMaxExtent, text),
        "for example 512x512");
  }
  return size;
}

Result<std::array<double, 3>> ParseChannelValues(std::string_view text) {
  std::vector<double> values;
  for (std::string_view rest = text;;) {
    const size_t comma = rest.find(',');
    const std::optional<double> value = ParseDouble(rest.substr(0, comma));
    if (!value || !std::isfinite(*value)) break;
    values.push_back(*value);
    if (comma == std::string_view::npos) {
      if (values.size() == 1) values.resize(3, values[0]);
      if (values.size() == 3) return std::array<double, 3>{values[0], values[1], values[2]};
      break;
    }
    rest.remove_prefix(comma + 1);
  }
  return Status(
      StatusCode::kUsage,
      fmt::format("channel values: expected one number or three with commas between, got \"{}\"",
                  text),
      "for example 0.485,0.456,0.406");
}

Result<Tensor> ImageToTensor(const Image& image, const ImageOptions& options) {
  ASSAY_RETURN_IF_ERROR(CheckOptions(options));
  const int64_t height = options.height == 0 ? image.height : options.height;
  const int64_t width = options.width == 0 ? image.width : options.width;
  const bool raw = options.dtype == DType::kUInt8;
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(raw ? DType::kUInt8 : DType::kFloat32,
                                                         options.layout == ImageLayout::kNchw
                                                             ? Shape{1, 3, height, width}
                                                             : Shape{1, height, width, 3}));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<float> samples, Samples(image, height, width));
  if (raw) {
    LayOut(
        std::span<const float>(samples), options,
        [](float sample, size_t) {
          return static_cast<uint8_t>(std::clamp(std::lround(sample), 0L, 255L));
        },
        out.mutable_data<uint8_t>());
    return out;
  }
  LayOut(
      std::span<const float>(samples), options,
      [&](float sample, size_t channel) {
        return static_cast<float>((sample * options.scale - options.mean[channel]) /
                                  options.std_dev[channel]);
      },
      out.mutable_data<float>());
  return ConvertTensor(out, options.dtype);
}

Result<std::vector<fs::path>> ListImages(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return Status(StatusCode::kNotFound,
                  fmt::format("no such picture or folder: \"{}\"", path.string()));
  }
  if (!fs::is_directory(status)) return std::vector<fs::path>{path};
  std::vector<fs::path> files;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (HasImageExtension(entries->path()) && !entries->is_directory())
      files.push_back(entries->path());
  }
  if (error) {
    return Status(StatusCode::kIo,
                  fmt::format("cannot read the folder \"{}\": {}", path.string(), error.message()));
  }
  if (files.empty()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("expected pictures in the folder \"{}\", got none", path.string()),
                  "pictures are files called .jpg, .jpeg, .png, .ppm, .pgm or .pnm; subfolders are "
                  "not searched");
  }
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().native() < b.filename().native();
  });
  return files;
}

Result<Tensor> LoadImage(const fs::path& file, const ImageOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(const auto mapped, MappedFile::Open(file));
  ASSAY_ASSIGN_OR_RETURN(const Image image,
                         DecodeImage(mapped->bytes(), file.string(), options.limits));
  return ImageToTensor(image, options);
}

Result<std::vector<TensorMap>> LoadImageInputs(const fs::path& path, const std::string& input_name,
                                               const ImageOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<fs::path> files, ListImages(path));
  std::vector<TensorMap> iterations;
  for (const fs::path& file : files) {
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, LoadImage(file, options));
    iterations.push_back({{input_name, std::move(tensor)}});
  }
  return iterations;
}

}  // namespace assay
