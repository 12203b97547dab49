#pragma once

#include <deque>
#include <filesystem>
#include <optional>
#include <string>

#include "base/log.h"
#include "cli/run/run_stream.h"

namespace assay {

// Outputs from a file or a folder of files, read when they are first needed: a folder one file at a
// time, so that memory does not grow with the number of iterations.
class StoredRuns final : public RunStream {
 public:
  StoredRuns(std::filesystem::path path, LogSink& log) : path_(std::move(path)), log_(log) {}

  Result<std::optional<RunGroup>> Next() override;
  std::optional<std::string> Unpaired() const override { return unpaired_; }
  std::vector<RunnerReport> Runners() const override { return runners_; }

 private:
  Status LoadFile(const std::filesystem::path& file);
  void NoteUnpaired(const std::string& runner, const std::filesystem::path& file);

  std::filesystem::path path_;
  LogSink& log_;
  std::optional<std::string> unpaired_;
  bool opened_ = false;
  std::deque<std::filesystem::path> files_;  // not read yet
  std::deque<RunGroup> groups_;              // of the current file
  std::vector<RunnerReport> runners_;        // known once the first file is read
};

}  // namespace assay
