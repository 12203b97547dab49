#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "tensor/image_codec.h"

namespace assay {
namespace {

struct Source {
  std::span<const std::byte> bytes;
  size_t position = 0;
};

OPJ_SIZE_T ReadSource(void* out, OPJ_SIZE_T bytes, void* user) {
  auto* source = static_cast<Source*>(user);
  const size_t count = std::min<size_t>(bytes, source->bytes.size() - source->position);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(out, source->bytes.data() + source->position, count);
  source->position += count;
  return count;
}

OPJ_BOOL SeekSource(OPJ_OFF_T offset, void* user) {
  auto* source = static_cast<Source*>(user);
  if (offset < 0 || static_cast<size_t>(offset) > source->bytes.size()) return OPJ_FALSE;
  source->position = static_cast<size_t>(offset);
  return OPJ_TRUE;
}

OPJ_OFF_T SkipSource(OPJ_OFF_T bytes, void* user) {
  auto* source = static_cast<Source*>(user);
  const auto left = static_cast<OPJ_OFF_T>(source->bytes.size() - source->position);
  if (bytes < 0 || bytes > left) return -1;
  source->position += static_cast<size_t>(bytes);
  return bytes;
}

using Stream = std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)>;
using Codec = std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)>;
using Picture = std::unique_ptr<opj_image_t, void (*)(opj_image_t*)>;

Stream OpenStream(Source& source) {
  Stream stream(opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
  if (stream == nullptr) return stream;
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  opj_stream_set_read_function(stream.get(), ReadSource);
  opj_stream_set_seek_function(stream.get(), SeekSource);
  opj_stream_set_skip_function(stream.get(), SkipSource);
  return stream;
}

Status Corrupt(const std::string& message) {
  return Status(StatusCode::kInvalidInput,
                fmt::format("corrupt or truncated JPEG 2000: {}",
                            message.empty() ? "malformed header" : message));
}

// Reads components by places of the picture, as values in [0, 1].
class Samples {
 public:
  explicit Samples(const opj_image_t& picture) : picture_(picture) {}

  // Whether every component has samples of a width that can be read.
  bool AreComplete() const {
    for (OPJ_UINT32 i = 0; i < picture_.numcomps; ++i) {
      const opj_image_comp_t& component = picture_.comps[i];
      if (component.data == nullptr || component.w == 0 || component.h == 0 || component.dx == 0 ||
          component.dy == 0 || component.prec < 1 || component.prec > 31) {
        return false;
      }
    }
    return picture_.numcomps > 0;
  }
  OPJ_UINT32 MostBits() const {
    OPJ_UINT32 bits = 0;
    for (OPJ_UINT32 i = 0; i < picture_.numcomps; ++i) {
      bits = std::max(bits, picture_.comps[i].prec);
    }
    return bits;
  }
  // Components of fewer samples are repeated.
  double At(OPJ_UINT32 index, int64_t x, int64_t y) const {
    const opj_image_comp_t& component = picture_.comps[index];
    const int64_t column = std::min<int64_t>(x / component.dx, component.w - 1);
    const int64_t row = std::min<int64_t>(y / component.dy, component.h - 1);
    const int64_t offset = component.sgnd != 0 ? int64_t{1} << (component.prec - 1) : 0;
    const int64_t value = component.data[row * component.w + column] + offset;
    return static_cast<double>(value) / static_cast<double>((int64_t{1} << component.prec) - 1);
  }

 private:
  const opj_image_t& picture_;
};

struct Color {
  double red;
  double green;
  double blue;
};

// ITU-R BT.601 with full range, as sYCC has it.
Color FromLumaAndChroma(double luma, double cb, double cr) {
  return {luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb};
}

template <typename T>
T Scale(double value) {
  constexpr double kFull = static_cast<double>(std::numeric_limits<T>::max());
  return static_cast<T>(std::lround(std::clamp(value, 0.0, 1.0) * kFull));
}

template <typename T>
void FillSamples(const opj_image_t& picture, int64_t width, std::vector<T>& samples) {
  const Samples source(picture);
  const bool colors = picture.numcomps >= 3;
  const bool chroma =
      colors &&
      (picture.color_space == OPJ_CLRSPC_SYCC ||
       (picture.color_space != OPJ_CLRSPC_SRGB && picture.comps[1].dx != picture.comps[0].dx));
  for (size_t i = 0; i < samples.size() / 3; ++i) {
    const int64_t x = static_cast<int64_t>(i) % width;
    const int64_t y = static_cast<int64_t>(i) / width;
    const double first = source.At(0, x, y);
    Color color = {first, first, first};
    if (colors) color = {first, source.At(1, x, y), source.At(2, x, y)};
    if (chroma) {
      const double middle = 128.0 / 255;
      color = FromLumaAndChroma(first, color.green - middle, color.blue - middle);
    }
    samples[i * 3] = Scale<T>(color.red);
    samples[i * 3 + 1] = Scale<T>(color.green);
    samples[i * 3 + 2] = Scale<T>(color.blue);
  }
}

}  // namespace

Result<Image> DecodeJpeg2000(std::span<const std::byte> bytes, const ImageLimits& limits) {
  Source source{bytes};
  const bool bare = bytes.size() > 1 && bytes[0] == std::byte{0xFF};
  const Stream stream = OpenStream(source);
  const Codec codec(opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2), opj_destroy_codec);
  if (stream == nullptr || codec == nullptr) {
    return Status(StatusCode::kResourceLimit, "no memory to decode a JPEG 2000");
  }
  std::string message;
  const auto keep = [](const char* text, void* user) {
    auto* kept = static_cast<std::string*>(user);
    if (kept->empty()) *kept = std::string(text).substr(0, std::strcspn(text, "\n"));
  };
  opj_set_error_handler(codec.get(), keep, &message);
  opj_set_warning_handler(codec.get(), keep, &message);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* header = nullptr;
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE ||
      opj_read_header(stream.get(), codec.get(), &header) == OPJ_FALSE) {
    opj_image_destroy(header);
    return Corrupt(message);
  }
  const Picture picture(header, opj_image_destroy);
  const int64_t width = int64_t{picture->x1} - picture->x0;
  const int64_t height = int64_t{picture->y1} - picture->y0;
  Image image;
  const int bits = Samples(*picture).MostBits() > 8 ? 16 : 8;
  ASSAY_RETURN_IF_ERROR(AllocateImage(width, height, bits, limits, image));
  if (opj_decode(codec.get(), stream.get(), picture.get()) == OPJ_FALSE ||
      opj_end_decompress(codec.get(), stream.get()) == OPJ_FALSE || !message.empty() ||
      !Samples(*picture).AreComplete()) {
    return Corrupt(message);
  }
  if (bits == 16) {
    FillSamples(*picture, width, image.samples16);
  } else {
    FillSamples(*picture, width, image.samples8);
  }
  return image;
}

}  // namespace assay
