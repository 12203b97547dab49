#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// The model of a run: a file, and the changes that the command line asks for. Runners that read the
// file themselves need no import unless something was changed.
class ModelSource {
 public:
  struct Options {
    std::filesystem::path external_data_folder;  // empty: the model's folder
    bool ignore_external_data = false;
    std::vector<std::string> outputs;  // new set of outputs, wildcards; empty: as in the file
    std::vector<std::string> exclude_outputs;  // removed after that, wildcards
    std::vector<std::string> outputs_by_type;  // operator types whose outputs are added
  };

  ModelSource(std::filesystem::path path, Options options);

  const std::filesystem::path& path() const { return path_; }
  // True for a file of Assay's engine, which only that engine can run.
  bool is_engine() const;
  // The error of everything else about it.
  Status EngineFileRefused() const;
  // True if the file cannot be run as it is: other outputs, or external data in another folder.
  bool edited() const;
  // Imported and edited on first use, then kept.
  Result<std::shared_ptr<const Model>> Load(LogSink& log);
  // The model to run as ONNX bytes, for runners that cannot use path() because edited() is true.
  Result<std::string> Serialize(LogSink& log);

 private:
  std::filesystem::path path_;
  Options options_;
  std::shared_ptr<const Model> model_;
};

}  // namespace assay
