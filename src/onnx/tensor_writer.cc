#include <protozero/pbf_writer.hpp>

#include "onnx/fields.h"
#include "onnx/tensor_proto.h"

namespace assay {
namespace {

bool IsSixBits(DType dtype) { return dtype == DType::kFloat6E2M3 || dtype == DType::kFloat6E3M2; }

std::string WriteHeader(std::string_view name, const Tensor& tensor) {
  std::string header;
  protozero::pbf_writer writer(header);
  writer.add_packed_int64(onnx::tensor::kDims, tensor.shape().begin(), tensor.shape().end());
  writer.add_int32(onnx::tensor::kDataType, static_cast<int32_t>(tensor.dtype()));
  if (!name.empty()) writer.add_string(onnx::tensor::kName, name.data(), name.size());
  return header;
}

std::string PackSixBits(const Tensor& tensor) {
  std::string packed(RawByteSize(tensor.dtype(), tensor.elements()), '\0');
  const auto elements = tensor.bytes();
  for (size_t i = 0; i < elements.size(); ++i) {
    const size_t bit = i * 6;
    const unsigned window = (std::to_integer<unsigned>(elements[i]) & 0x3Fu) << (bit % 8);
    packed[bit / 8] = static_cast<char>(static_cast<uint8_t>(packed[bit / 8]) | (window & 0xFFu));
    if (window >> 8 != 0) packed[bit / 8 + 1] = static_cast<char>(window >> 8);
  }
  return packed;
}

void AddEntry(protozero::pbf_writer& parent, std::string_view key, std::string_view value) {
  protozero::pbf_writer entry(parent, onnx::tensor::kExternalData);
  entry.add_string(onnx::entry::kKey, key.data(), key.size());
  entry.add_string(onnx::entry::kValue, value.data(), value.size());
}

}  // namespace

size_t RawByteSize(DType dtype, int64_t elements) {
  if (IsSixBits(dtype)) return (static_cast<size_t>(elements) * 6 + 7) / 8;
  return Tensor::ByteSize(dtype, elements);
}

std::string_view RawBytes(const Tensor& tensor, std::string& packed) {
  if (IsSixBits(tensor.dtype())) {
    packed = PackSixBits(tensor);
    return packed;
  }
  return {reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size()};
}

TensorProtoParts WriteTensorProto(std::string_view name, const Tensor& tensor) {
  TensorProtoParts parts;
  parts.header = WriteHeader(name, tensor);
  if (tensor.dtype() == DType::kString) {
    protozero::pbf_writer writer(parts.header);
    for (const std::string& text : tensor.data<std::string>()) {
      writer.add_bytes(onnx::tensor::kStringData, text);
    }
    return parts;
  }
  std::string packed;
  const std::string_view raw = RawBytes(tensor, packed);
  constexpr uint32_t kRawTag = onnx::tensor::kRawData << 3 | 2;
  protozero::add_varint_to_buffer(&parts.header, kRawTag);
  protozero::add_varint_to_buffer(&parts.header, raw.size());
  if (packed.empty()) {
    parts.raw = raw;
  } else {
    parts.header += packed;
  }
  return parts;
}

std::string WriteExternalTensorProto(std::string_view name, const Tensor& tensor,
                                     std::string_view location, uint64_t offset, size_t size) {
  std::string message = WriteHeader(name, tensor);
  protozero::pbf_writer writer(message);
  AddEntry(writer, "location", location);
  AddEntry(writer, "offset", std::to_string(offset));
  AddEntry(writer, "length", std::to_string(size));
  writer.add_enum(onnx::tensor::kDataLocation, 1);
  return message;
}

}  // namespace assay
