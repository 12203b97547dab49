#include "cli/path_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "onnx/external_files.h"
#include "tensor/tensor_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A file or folder that an option writes.
struct Written {
  const OptionUse* use = nullptr;
  std::string path;
  bool is_folder = false;
  bool lies_beside = false;  // beside another one, in its folder
};

// The file beside a model to which its weights go where they do not stay inside it.
std::string ExternalDataOf(const std::string& model, const ParsedOptions& options) {
  const fs::path path = model;
  std::string name = options.Value("--save-external-data").value_or("");
  if (name.empty()) name = path.filename().string() + ".data";
  return (path.parent_path() / name).string();
}

void AddWritten(const OptionUse& use, const ParsedOptions& options, std::vector<Written>& written) {
  const std::string path = use.values.empty() ? "." : use.values.back();
  switch (use.option->path) {
    case PathUse::kNone:
    case PathUse::kReadFile:
    case PathUse::kReadFolder:
    case PathUse::kReadModel:
    case PathUse::kReadTensors:
      return;
    case PathUse::kWriteFile:
      written.push_back({.use = &use, .path = path});
      return;
    case PathUse::kWriteModel:
      written.push_back({.use = &use, .path = path});
      written.push_back({.use = &use, .path = ExternalDataOf(path, options), .lies_beside = true});
      return;
    case PathUse::kWriteTensors:
      written.push_back({.use = &use, .path = path, .is_folder = IsFolderPath(path)});
      return;
    case PathUse::kWriteFolder:
      written.push_back({.use = &use, .path = path, .is_folder = true});
      return;
  }
}

bool IsSamePath(const std::string& a, const std::string& b) {
  std::error_code ignored;
  // Pipes and devices may be written more than once.
  return !fs::is_other(fs::status(a, ignored)) &&
         fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored);
}

// True if `path` is `folder` or lies below it.
bool LiesWithin(const std::string& path, const std::string& folder) {
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(path, ignored);
  const fs::path relative = inner.lexically_relative(fs::weakly_canonical(folder, ignored));
  return !relative.empty() && *relative.begin() != "..";
}

Status Overlap(const std::string& read, const std::string& written, std::string hint) {
  return Status(StatusCode::kUsage,
                fmt::format("The load path '{}' overlaps the save path '{}'. Saving would "
                            "overwrite or conflict with the data being loaded. Use distinct "
                            "paths for loading and saving.",
                            read, written),
                std::move(hint));
}

// Where weights go to a file each, their names begin with that of the one file.
bool OverwritesWeights(const fs::path& weights, const std::string& written,
                       const ParsedOptions& options) {
  if (IsSamePath(weights.string(), written)) return true;
  const fs::path path = written;
  return options.Has("--no-save-all-tensors-to-one-file") &&
         weights.filename().string().starts_with(path.filename().string() + ".") &&
         IsSamePath((weights.parent_path() / path.filename()).string(), written);
}

Status CheckExternalData(const std::string& model, const std::string& written,
                         const ParsedOptions& options) {
  const std::string folder = options.Value("--external-data-dir").value_or("");
  for (const fs::path& weights : ExternalDataFiles(model, folder)) {
    if (!OverwritesWeights(weights, written, options)) continue;
    return Overlap(weights.string(), written, fmt::format("weights of {} lie there", model));
  }
  return OkStatus();
}

Status CheckReads(const ParsedOptions& options, const std::string& written) {
  for (const OptionUse& use : options.uses()) {
    const PathUse kind = use.option->path;
    if (kind != PathUse::kReadFile && kind != PathUse::kReadModel &&
        kind != PathUse::kReadTensors) {
      continue;
    }
    for (const std::string& path : use.values) {
      const bool overlaps =
          IsSamePath(path, written) || (kind == PathUse::kReadTensors && LiesWithin(path, written));
      if (overlaps) return Overlap(path, written, "");
      if (kind != PathUse::kReadModel) continue;
      ASSAY_RETURN_IF_ERROR(CheckExternalData(path, written, options));
    }
  }
  return OkStatus();
}

// A folder is made with all that lead to it.
Status CheckFolder(fs::path folder) {
  std::error_code ignored;
  folder = fs::weakly_canonical(folder, ignored);
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return CheckWritable(folder / "new");
}

Status CheckOne(const ParsedOptions& options, const Written& written) {
  ASSAY_RETURN_IF_ERROR(CheckReads(options, written.path));
  if (written.lies_beside) return OkStatus();
  const Status status = written.is_folder ? CheckFolder(written.path) : CheckWritable(written.path);
  return status.ok() ? status : status.WithContext(std::string(written.use->option->names[0]));
}

Status CheckDistinct(const std::vector<Written>& written) {
  for (size_t i = 0; i < written.size(); ++i) {
    for (size_t j = i + 1; j < written.size(); ++j) {
      const OptionDef& first = *written[i].use->option;
      const OptionDef& second = *written[j].use->option;
      if (&first == &second || !IsSamePath(written[i].path, written[j].path)) continue;
      return Status(StatusCode::kUsage,
                    fmt::format("{} and {} name the same path ('{}'). Use distinct paths.",
                                first.names[0], second.names[0], written[i].path));
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckPaths(const ParsedOptions& options) {
  std::vector<Written> written;
  for (const OptionUse& use : options.uses()) AddWritten(use, options, written);
  ASSAY_RETURN_IF_ERROR(CheckDistinct(written));
  for (const Written& one : written) ASSAY_RETURN_IF_ERROR(CheckOne(options, one));
  return OkStatus();
}

Status CheckPathOf(const ParsedOptions& options, std::string_view name) {
  std::vector<Written> written;
  for (const OptionUse& use : options.uses()) {
    const auto& names = use.option->names;
    if (std::ranges::find(names, name) != names.end()) AddWritten(use, options, written);
  }
  for (const Written& one : written) ASSAY_RETURN_IF_ERROR(CheckOne(options, one));
  return OkStatus();
}

}  // namespace assay
