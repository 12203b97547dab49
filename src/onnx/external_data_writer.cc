#include "onnx/external_data_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quote.h"
#include "onnx/tensor_proto.h"

namespace assay {
namespace {

// A weight's name as part of a file name.
std::string FileNamePart(const std::string& name) {
  std::string part;
  for (char c : name.substr(0, 100)) {
    const auto byte = static_cast<unsigned char>(c);
    part += std::isalnum(byte) != 0 || c == '.' || c == '-' ? c : '_';
  }
  return part;
}

}  // namespace

ExternalDataWriter::ExternalDataWriter(const std::filesystem::path& model,
                                       const ExportOptions& options)
    : folder_(model.parent_path()),
      name_(options.external_data_name.empty() ? model.filename().string() + ".data"
                                               : options.external_data_name),
      options_(options) {}

Status ExternalDataWriter::Open(std::string name) {
  if (std::filesystem::path(name).has_parent_path()) {
    return Status(
        StatusCode::kUsage,
        fmt::format("external data: expected a file name without a folder, got {}", Quote(name)),
        "external data lies beside the model");
  }
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder_ / name));
  files_.push_back({std::move(name), std::move(file)});
  return OkStatus();
}

Result<std::optional<ExternalLocation>> ExternalDataWriter::Store(const std::string& name,
                                                                  const Tensor& tensor) {
  std::string packed;
  if (tensor.dtype() == DType::kString) return std::optional<ExternalLocation>();
  const std::string_view bytes = RawBytes(tensor, packed);
  if (bytes.size() < options_.external_data_threshold) return std::optional<ExternalLocation>();
  if (!options_.one_external_file) {
    ASSAY_RETURN_IF_ERROR(Open(fmt::format("{}.{}.{}", name_, files_.size(), FileNamePart(name))));
  } else if (files_.empty()) {
    ASSAY_RETURN_IF_ERROR(Open(name_));
  }
  OpenFile& out = files_.back();
  const size_t alignment = std::max<size_t>(options_.external_data_alignment, 1);
  const size_t padding = (alignment - out.size % alignment) % alignment;
  ASSAY_RETURN_IF_ERROR(out.file.Write(std::string(padding, '\0')));
  ASSAY_RETURN_IF_ERROR(out.file.Write(bytes));
  const uint64_t offset = out.size + padding;
  out.size = offset + bytes.size();
  return std::optional<ExternalLocation>({out.name, offset, bytes.size()});
}

Status ExternalDataWriter::Commit() {
  for (OpenFile& out : files_) ASSAY_RETURN_IF_ERROR(out.file.Commit());
  return OkStatus();
}

}  // namespace assay
