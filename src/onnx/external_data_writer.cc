#include "onnx/external_data_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <system_error>

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

ExternalDataWriter::~ExternalDataWriter() {
  if (kept_) return;
  for (size_t i = 0; i < finished_; ++i) {
    std::error_code ignored;
    std::filesystem::remove(folder_ / names_[i], ignored);
  }
}

Status ExternalDataWriter::Finish() {
  if (!file_) return OkStatus();
  ASSAY_RETURN_IF_ERROR(file_->Commit());
  file_.reset();
  finished_ = names_.size();
  return OkStatus();
}

Status ExternalDataWriter::Open(std::string name) {
  if (std::filesystem::path(name).has_parent_path()) {
    return Status(
        StatusCode::kUsage,
        fmt::format("external data: expected a file name without a folder, got {}", Quote(name)),
        "external data lies beside the model");
  }
  ASSAY_RETURN_IF_ERROR(Finish());
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder_ / name));
  file_.emplace(std::move(file));
  names_.push_back(std::move(name));
  size_ = 0;
  return OkStatus();
}

Result<std::optional<ExternalLocation>> ExternalDataWriter::Store(const std::string& name,
                                                                  const Tensor& tensor) {
  std::string packed;
  if (tensor.dtype() == DType::kString) return std::optional<ExternalLocation>();
  const std::string_view bytes = RawBytes(tensor, packed);
  if (bytes.size() < options_.external_data_threshold) return std::optional<ExternalLocation>();
  if (!options_.one_external_file) {
    ASSAY_RETURN_IF_ERROR(Open(fmt::format("{}.{}.{}", name_, names_.size(), FileNamePart(name))));
  } else if (!file_) {
    ASSAY_RETURN_IF_ERROR(Open(name_));
  }
  const size_t alignment = std::max<size_t>(options_.external_data_alignment, 1);
  const size_t padding = (alignment - size_ % alignment) % alignment;
  ASSAY_RETURN_IF_ERROR(file_->Write(std::string(padding, '\0')));
  ASSAY_RETURN_IF_ERROR(file_->Write(bytes));
  const uint64_t offset = size_ + padding;
  size_ = offset + bytes.size();
  return std::optional<ExternalLocation>({names_.back(), offset, bytes.size()});
}

}  // namespace assay
