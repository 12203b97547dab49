#include "onnx/foreign_file.h"

#include <algorithm>

namespace assay {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view description;
};

constexpr Signature kSignatures[] = {
    {0, "\x89PNG"sv, "a PNG image"},
    {0, "\xFF\xD8\xFF"sv, "a JPEG image"},
    {0, "GIF8"sv, "a GIF image"},
    {0, "PK\x03\x04"sv, "a zip archive, as PyTorch checkpoints and npz files are"},
    {0, "\x1F\x8B"sv, "a gzip archive"},
    {0, "\x89HDF\r\n"sv, "an HDF5 file, as Keras writes them"},
    {0, "\x93NUMPY"sv, "a NumPy array"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program or shared library"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "\x80\x02"sv, "a Python pickle"},
    {0, "\x80\x04"sv, "a Python pickle"},
    {0, "ptrt"sv, "a TensorRT engine"},
    {0, "ftrt"sv, "a TensorRT engine"},
    {4, "TFL3"sv, "a TensorFlow Lite model"},
    {4, "ORTM"sv, "an ORT-format model of ONNX Runtime"},
    {0, "GGUF"sv, "a GGUF model"},
    {8, "{\""sv, "a safetensors file"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer; the model itself was not downloaded"},
    {0, "<!DOCTYPE"sv, "an HTML page; the download may have needed a login"},
    {0, "<html"sv, "an HTML page; the download may have needed a login"},
    {0, "<?xml"sv, "an XML document"},
    {0, "{"sv, "JSON or other text"},
};

bool IsTextByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 ? byte != 0x7F : c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

std::string_view DescribeForeignFile(std::string_view bytes) {
  for (const Signature& signature : kSignatures) {
    if (bytes.size() < signature.offset) continue;
    if (bytes.substr(signature.offset).starts_with(signature.bytes)) return signature.description;
  }
  const std::string_view start = bytes.substr(0, 512);
  if (!start.empty() && std::all_of(start.begin(), start.end(), IsTextByte)) return "text";
  return {};
}

}  // namespace assay
