#include "onnx/external_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/quote.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderHint =
    "put the file into the model's folder, or name the folder it lies in with --external-data-dir";
constexpr std::string_view kMissingHint =
    "put the file beside the model, name its folder with --external-data-dir, or look at the model "
    "without weights with --ignore-external-data";

Status Outside(std::string_view location) {
  return Status(StatusCode::kInvalidInput,
                fmt::format("external data: expected a path inside the model's folder, got {}",
                            Quote(location)),
                std::string(kFolderHint));
}

// Whether `path` is an ancestor of `inner` or the same; both canonical.
bool Contains(const fs::path& path, const fs::path& inner) {
  return std::mismatch(path.begin(), path.end(), inner.begin(), inner.end()).first == path.end();
}

// Windows paths are refused on every system, so that a model means the same everywhere.
bool IsRelativeAndDescending(std::string_view location) {
  if (location.empty() || location.front() == '/' || location.front() == '\\') return false;
  if (location.size() > 1 && location[1] == ':') return false;
  for (size_t begin = 0; begin <= location.size();) {
    const size_t end = std::min(location.find_first_of("/\\", begin), location.size());
    if (location.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return location.find('\0') == std::string_view::npos;
}

Result<uint64_t> ParseCount(std::string_view what, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Status(
        StatusCode::kInvalidInput,
        fmt::format("external data: expected a number of bytes as {}, got {}", what, Quote(text)));
  }
  return value;
}

}  // namespace

ExternalDataFolder ExternalDataFolder::OfModel(const fs::path& model) {
  ExternalDataFolder folder = At(model.parent_path());
  std::error_code error;
  const fs::path real = fs::canonical(model, error);
  if (!error) folder.real_model_folder_ = real.parent_path();
  return folder;
}

ExternalDataFolder ExternalDataFolder::At(fs::path folder) {
  ExternalDataFolder result;
  result.folder_ = folder.empty() ? fs::path(".") : std::move(folder);
  return result;
}

Status ExternalDataFolder::CheckInside(const fs::path& path, std::string_view location) const {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) {
    return Status(
        StatusCode::kNotFound,
        fmt::format("external data: cannot open {}: {}", Quote(path.string()), error.message()),
        std::string(kMissingHint));
  }
  const fs::path real_folder = fs::canonical(*folder_, error);
  const bool in_folder = !error && Contains(real_folder, real);
  const bool beside_model = !real_model_folder_.empty() && Contains(real_model_folder_, real);
  if (!in_folder && !beside_model) {
    Status status = Outside(location);
    return Status(status.code(),
                  fmt::format("{}, a link to {}", status.message(), Quote(real.string())),
                  status.hint());
  }
  if (!fs::is_regular_file(real, error)) {
    return Status(
        StatusCode::kInvalidInput,
        fmt::format("external data: expected a regular file, got {}", Quote(path.string())),
        std::string(kFolderHint));
  }
  return OkStatus();
}

Result<std::shared_ptr<const MappedFile>> ExternalDataFolder::Open(std::string_view location) {
  if (const auto known = files_.find(location); known != files_.end()) return known->second;
  if (!IsRelativeAndDescending(location)) return Outside(location);
  if (!folder_) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("external data: {} cannot be found for a model that is not a file",
                              Quote(location)),
                  "name the folder of the external data");
  }
  const fs::path path = *folder_ / fs::path(location);
  ASSAY_RETURN_IF_ERROR(CheckInside(path, location));
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  files_.emplace(location, file);
  return file;
}

Result<ExternalDataPiece> ReadExternalData(ExternalDataFolder& folder,
                                           const ExternalDataReference& reference, size_t size) {
  uint64_t offset = 0;
  if (!reference.offset.empty()) {
    ASSAY_ASSIGN_OR_RETURN(offset, ParseCount("offset", reference.offset));
  }
  if (!reference.length.empty()) {
    ASSAY_ASSIGN_OR_RETURN(const uint64_t length, ParseCount("length", reference.length));
    if (length != size) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("external data: expected {} bytes, got length {}", size, length));
    }
  }
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, folder.Open(reference.location));
  const std::string_view text = file->text();
  if (offset > text.size() || size > text.size() - offset) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("external data: expected {} bytes at offset {}, file {} has {} bytes",
                              size, offset, Quote(file->path().string()), text.size()),
                  "the file is incomplete or belongs to another model; copy it again");
  }
  return ExternalDataPiece{text.substr(offset, size), std::move(file)};
}

}  // namespace assay
