#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/status.h"

namespace assay {

// The folder in which a model's files of external data must lie. Files are mapped once.
class ExternalDataFolder {
 public:
  // The folder of a model. Its real folder is allowed too: download caches link models and their
  // data into a folder for show.
  static ExternalDataFolder OfModel(const std::filesystem::path& model);
  static ExternalDataFolder At(std::filesystem::path folder);
  // No folder is known; Open fails.
  ExternalDataFolder() = default;

  // Maps the file that a tensor names. Errors: kInvalidInput for absolute paths, for "..", for
  // links that lead out of the folder, and for what is not a regular file; kNotFound.
  Result<std::shared_ptr<const MappedFile>> Open(std::string_view location);

 private:
  Status CheckInside(const std::filesystem::path& path, std::string_view location) const;

  std::optional<std::filesystem::path> folder_;
  std::filesystem::path real_model_folder_;  // may be empty
  std::map<std::string, std::shared_ptr<const MappedFile>, std::less<>> files_;
};

// What a tensor says about where its data lies.
struct ExternalDataReference {
  std::string location;
  std::string offset;  // decimal bytes; empty: 0
  std::string length;  // decimal bytes; empty: what the tensor needs
};

struct ExternalDataPiece {
  std::string_view bytes;
  std::shared_ptr<const MappedFile> file;
};

// The `size` bytes of a tensor. Errors: as Open; kInvalidInput if offset or length are no numbers,
// do not fit the size, or the file is too short.
Result<ExternalDataPiece> ReadExternalData(ExternalDataFolder& folder,
                                           const ExternalDataReference& reference, size_t size);

}  // namespace assay
