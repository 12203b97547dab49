#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "onnx/export.h"
#include "onnx/graph_writer.h"

namespace assay {

// Writes the external data of one model, to one file or to one per weight. Without Keep the
// destructor removes what was written.
class ExternalDataWriter {
 public:
  ExternalDataWriter(const std::filesystem::path& model, const ExportOptions& options);
  ~ExternalDataWriter();
  ExternalDataWriter(const ExternalDataWriter&) = delete;
  ExternalDataWriter& operator=(const ExternalDataWriter&) = delete;

  Result<std::optional<ExternalLocation>> Store(const std::string& name, const Tensor& tensor);
  // Finishes the last file.
  Status Finish();
  void Keep() { kept_ = true; }

 private:
  // Finishes the file before: a model may have more weights than a process may have open files.
  Status Open(std::string name);

  std::filesystem::path folder_;
  std::string name_;
  ExportOptions options_;
  std::optional<AtomicFile> file_;
  std::vector<std::string> names_;  // the last one is that of file_
  size_t finished_ = 0;             // how many of the names stand in the folder
  uint64_t size_ = 0;
  bool kept_ = false;
};

}  // namespace assay
