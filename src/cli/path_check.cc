#include "cli/path_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "tensor/tensor_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

bool IsWritten(const OptionUse& use) {
  switch (use.option->path) {
    case PathUse::kNone:
    case PathUse::kReadFile:
    case PathUse::kReadTensors:
      return false;
    case PathUse::kWriteFile:
    case PathUse::kWriteTensors:
    case PathUse::kWriteFolder:
      return true;
  }
  return false;
}

std::string WrittenPath(const OptionUse& use) {
  return use.values.empty() ? "." : use.values.back();
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

Status CheckReads(const ParsedOptions& options, const std::string& written) {
  for (const OptionUse& use : options.uses()) {
    const PathUse kind = use.option->path;
    if (kind != PathUse::kReadFile && kind != PathUse::kReadTensors) continue;
    for (const std::string& path : use.values) {
      const bool overlaps =
          IsSamePath(path, written) || (kind == PathUse::kReadTensors && LiesWithin(path, written));
      if (!overlaps) continue;
      return Status(StatusCode::kUsage,
                    fmt::format("The load path '{}' overlaps the save path '{}'. Saving would "
                                "overwrite or conflict with the data being loaded. Use distinct "
                                "paths for loading and saving.",
                                path, written));
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

Status CheckUse(const ParsedOptions& options, const OptionUse& use) {
  const std::string path = WrittenPath(use);
  ASSAY_RETURN_IF_ERROR(CheckReads(options, path));
  const bool is_folder = use.option->path == PathUse::kWriteFolder ||
                         (use.option->path == PathUse::kWriteTensors && IsFolderPath(path));
  const Status status = is_folder ? CheckFolder(path) : CheckWritable(path);
  return status.ok() ? status : status.WithContext(std::string(use.option->names[0]));
}

Status CheckDistinct(const std::vector<const OptionUse*>& written) {
  for (size_t i = 0; i < written.size(); ++i) {
    for (size_t j = i + 1; j < written.size(); ++j) {
      const std::string path = WrittenPath(*written[i]);
      if (written[i]->option == written[j]->option || !IsSamePath(path, WrittenPath(*written[j]))) {
        continue;
      }
      return Status(StatusCode::kUsage,
                    fmt::format("{} and {} name the same path ('{}'). Use distinct paths.",
                                written[i]->option->names[0], written[j]->option->names[0], path));
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckPaths(const ParsedOptions& options) {
  std::vector<const OptionUse*> written;
  for (const OptionUse& use : options.uses()) {
    if (IsWritten(use)) written.push_back(&use);
  }
  ASSAY_RETURN_IF_ERROR(CheckDistinct(written));
  for (const OptionUse* use : written) ASSAY_RETURN_IF_ERROR(CheckUse(options, *use));
  return OkStatus();
}

Status CheckPathOf(const ParsedOptions& options, std::string_view name) {
  for (const OptionUse& use : options.uses()) {
    const auto& names = use.option->names;
    if (std::ranges::find(names, name) == names.end()) continue;
    ASSAY_RETURN_IF_ERROR(CheckUse(options, use));
  }
  return OkStatus();
}

}  // namespace assay
