#include "cli/run/stored_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "tensor/tensor_file.h"

namespace assay {

void StoredRuns::NoteUnpaired(const std::string& runner, const std::filesystem::path& file) {
  if (unpaired_) return;
  unpaired_ =
      fmt::format("{} has iterations that other runs of {} do not have", runner, file.string());
  log_.Write(
      Severity::kWarning,
      fmt::format("Stored outputs: {}: the rest has no partner and is left out.", *unpaired_));
}

Status StoredRuns::LoadFile(const std::filesystem::path& file) {
  log_.Write(Severity::kInfo, fmt::format("Loading inference results from {}", file.string()));
  ASSAY_ASSIGN_OR_RETURN(RecordedRuns runs, LoadOutputs(file));
  // A run that was interrupted leaves fewer runs, or shorter ones, at the end.
  size_t iterations = runs.empty() ? 0 : runs[0].iterations.size();
  for (const RecordedRun& run : runs) iterations = std::min(iterations, run.iterations.size());
  for (const RecordedRun& run : runs) {
    if (run.iterations.size() > iterations) NoteUnpaired(run.runner_name, file);
  }
  if (!runners_.empty() && runs.size() < runners_.size()) {
    NoteUnpaired(runs[0].runner_name, file);
    files_.clear();
    return OkStatus();
  }
  for (size_t i = 0; i < iterations; ++i) {
    RunGroup group;
    for (RecordedRun& run : runs) group.push_back(std::move(run.iterations[i]));
    groups_.push_back(std::move(group));
  }
  if (runners_.empty()) {
    for (const RecordedRun& run : runs) {
      RunnerReport report;
      report.name = run.runner_name;
      report.source = path_.string();
      runners_.push_back(std::move(report));
    }
  } else if (runners_.size() != runs.size()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("stored outputs: expected outputs of {} runners as in the files "
                              "before, got {} ({})",
                              runners_.size(), runs.size(), file.string()));
  }
  return OkStatus();
}

Result<std::optional<RunGroup>> StoredRuns::Next() {
  if (!opened_) {
    opened_ = true;
    std::error_code ignored;
    if (std::filesystem::is_directory(path_, ignored)) {
      ASSAY_ASSIGN_OR_RETURN(const std::vector<std::filesystem::path> files,
                             ListIterationFiles(path_));
      files_.assign(files.begin(), files.end());
    } else {
      files_.push_back(path_);
    }
  }
  while (groups_.empty()) {
    if (files_.empty()) return std::optional<RunGroup>();
    const std::filesystem::path file = files_.front();
    files_.pop_front();
    ASSAY_RETURN_IF_ERROR(LoadFile(file));
  }
  RunGroup group = std::move(groups_.front());
  groups_.pop_front();
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i].runtime_seconds) runners_[i].seconds.push_back(*group[i].runtime_seconds);
  }
  return std::optional<RunGroup>(std::move(group));
}

}  // namespace assay
