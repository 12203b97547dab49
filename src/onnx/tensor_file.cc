#include "onnx/tensor_file.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>

#include "base/file.h"
#include "onnx/fields.h"
#include "onnx/foreign_file.h"
#include "onnx/tensor_proto.h"
#include "onnx/wire.h"

namespace assay {
namespace {

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidInput, std::move(message));
}

Result<Tensor> ReadOneTensor(std::string_view message, TensorContext& context) {
  ASSAY_ASSIGN_OR_RETURN(TensorProto proto, ReadTensorProto(message, context));
  if (!proto.tensor) return Invalid("expected a tensor with data, got none");
  return std::move(*proto.tensor);
}

Status UnsupportedElement(std::string_view container, int64_t kind) {
  return Status(StatusCode::kUnsupported,
                fmt::format("{} of element kind {}: expected tensors (1)", container, kind));
}

Result<std::vector<Tensor>> ReadSequenceProto(std::string_view message, TensorContext& context) {
  std::vector<Tensor> tensors;
  int64_t kind = static_cast<int64_t>(onnx::ElementKind::kTensor);
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::sequence::kElementType:
        kind = reader.Int();
        break;
      case onnx::sequence::kTensors: {
        ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ReadOneTensor(reader.Bytes(), context));
        tensors.push_back(std::move(tensor));
        break;
      }
      default:
        reader.Skip();
    }
  }
  if (kind != static_cast<int64_t>(onnx::ElementKind::kTensor)) {
    return UnsupportedElement("sequence", kind);
  }
  return tensors;
}

Result<std::optional<Tensor>> ReadOptionalProto(std::string_view message, TensorContext& context) {
  std::optional<Tensor> tensor;
  int64_t kind = static_cast<int64_t>(onnx::ElementKind::kUndefined);
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::optional::kElementType:
        kind = reader.Int();
        break;
      case onnx::optional::kTensor: {
        ASSAY_ASSIGN_OR_RETURN(tensor, ReadOneTensor(reader.Bytes(), context));
        break;
      }
      default:
        reader.Skip();
    }
  }
  const bool is_tensor = kind == static_cast<int64_t>(onnx::ElementKind::kTensor);
  const bool is_empty = kind == static_cast<int64_t>(onnx::ElementKind::kUndefined);
  if (!is_tensor && !is_empty) return UnsupportedElement("optional", kind);
  return tensor;
}

// Maps the file, reads its message and adds its path to errors.
template <typename T>
Result<T> LoadProto(const std::filesystem::path& path, std::string_view what,
                    Result<T> (*read)(std::string_view, TensorContext&)) {
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  TensorContext context{file, ExternalDataFolder::OfModel(path)};
  Status status;
  try {
    Result<T> result = read(file->text(), context);
    if (result.ok()) return result;
    status = result.status();
  } catch (const WireError& error) {
    const std::string_view description = DescribeForeignFile(file->text());
    status = Invalid(description.empty()
                         ? fmt::format("expected {}, got malformed protobuf: {} (byte {})", what,
                                       error.what, error.position - file->text().data())
                         : fmt::format("expected {}, got {}", what, description));
  }
  return status.WithContext(path.string());
}

Result<NamedTensor> ReadNamedTensor(std::string_view message, TensorContext& context) {
  ASSAY_ASSIGN_OR_RETURN(TensorProto proto, ReadTensorProto(message, context));
  if (!proto.tensor) return Invalid("expected a tensor with data, got none");
  return NamedTensor{std::move(proto.name), std::move(*proto.tensor)};
}

}  // namespace

Result<NamedTensor> LoadTensorProto(const std::filesystem::path& path) {
  return LoadProto<NamedTensor>(path, "an ONNX tensor", ReadNamedTensor);
}

Result<std::vector<Tensor>> LoadSequenceProto(const std::filesystem::path& path) {
  return LoadProto<std::vector<Tensor>>(path, "an ONNX sequence", ReadSequenceProto);
}

Result<std::optional<Tensor>> LoadOptionalProto(const std::filesystem::path& path) {
  return LoadProto<std::optional<Tensor>>(path, "an ONNX optional", ReadOptionalProto);
}

Status SaveTensorProto(const NamedTensor& tensor, const std::filesystem::path& path) {
  const TensorProtoParts parts = WriteTensorProto(tensor.name, tensor.tensor);
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ASSAY_RETURN_IF_ERROR(file.Write(parts.header));
  ASSAY_RETURN_IF_ERROR(file.Write(parts.raw));
  return file.Commit();
}

}  // namespace assay
