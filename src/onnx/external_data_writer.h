#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "onnx/export.h"
#include "onnx/graph_writer.h"

namespace assay {

// Writes the external data of one model, to one file or to one per weight. The files appear under
// their names at Commit only.
class ExternalDataWriter {
 public:
  ExternalDataWriter(const std::filesystem::path& model, const ExportOptions& options);

  Result<std::optional<ExternalLocation>> Store(const std::string& name, const Tensor& tensor);
  Status Commit();

 private:
  struct OpenFile {
    std::string name;
    AtomicFile file;
    uint64_t size = 0;
  };

  Status Open(std::string name);

  std::filesystem::path folder_;
  std::string name_;
  ExportOptions options_;
  std::vector<OpenFile> files_;
};

}  // namespace assay
