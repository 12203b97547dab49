#include "tensor/tensor_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/file.h"
#include "tensor/npy.h"
#include "tensor/npz.h"
#include "tensor/polygraphy_json.h"
#include "tensor/run_archive.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

enum class FileKind { kJson, kNpz, kNpy, kFolder };

FileKind KindByName(const fs::path& path) {
  const std::string extension = path.extension().string();
  std::error_code ignored;
  if (extension.empty()) {
    // Pipes and devices are files, whatever their name.
    return fs::is_other(fs::status(path, ignored)) ? FileKind::kJson : FileKind::kFolder;
  }
  if (extension == ".npz") return FileKind::kNpz;
  if (extension == ".npy") return FileKind::kNpy;
  return FileKind::kJson;
}

// Why a file that is none of ours is not, if its first bytes tell what it is.
std::string OtherFileHint(std::string_view text) {
  if (text.starts_with("\xFF\xD8") || text.starts_with("\x89PNG")) {
    return "this is a picture; pictures are read with --load-images";
  }
  if (text.starts_with("\x80")) return "this looks like a Python pickle, which is never read";
  return "inputs and outputs are .json, .npz or .npy files, or a folder of them";
}

Result<FileKind> KindByContent(const MappedFile& file) {
  const std::string_view text = file.text();
  if (text.starts_with("\x93NUMPY")) return FileKind::kNpy;
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return FileKind::kNpz;
  const size_t first = text.find_first_not_of(" \n\r\t");
  if (first == std::string_view::npos) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("\"{}\" is empty: expected inputs or outputs", file.path().string()));
  }
  if (text[first] == '{' || text[first] == '[') return FileKind::kJson;
  return Status(StatusCode::kInvalidInput,
                fmt::format("\"{}\" is no file of tensors: expected JSON, .npz or .npy",
                            file.path().string()),
                OtherFileHint(text));
}

Status NoIterations(const fs::path& path, std::string_view what) {
  return Status(
      StatusCode::kInvalidInput,
      fmt::format("expected {} of at least one iteration, got none (\"{}\")", what, path.string()),
      "a run that ended before its first iteration leaves such a file");
}

std::string Stem(const fs::path& path) { return path.stem().string(); }

Result<std::vector<TensorMap>> ReadInputsFile(const fs::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  ASSAY_ASSIGN_OR_RETURN(const FileKind kind, KindByContent(*file));
  const std::string where = path.string();
  if (kind == FileKind::kJson) return ParseInputsJson(file->text(), where);
  if (kind == FileKind::kNpy) {
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ParseNpy(file->bytes(), file, where));
    return std::vector<TensorMap>{TensorMap{{Stem(path), std::move(tensor)}}};
  }
  ASSAY_ASSIGN_OR_RETURN(TensorMap map, ParseNpz(file->bytes(), file, where));
  Result<std::vector<TensorMap>> inputs = UnpackInputs(std::move(map));
  if (!inputs.ok()) return inputs.status().WithContext(where);
  return inputs;
}

Result<std::vector<TensorMap>> LoadInputsFile(const fs::path& path) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<TensorMap> iterations, ReadInputsFile(path));
  if (iterations.empty()) return NoIterations(path, "inputs");
  return iterations;
}

Result<RecordedRuns> ReadOutputsFile(const fs::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  ASSAY_ASSIGN_OR_RETURN(const FileKind kind, KindByContent(*file));
  const std::string where = path.string();
  if (kind == FileKind::kJson) return ParseOutputsJson(file->text(), where);
  if (kind == FileKind::kNpy) {
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ParseNpy(file->bytes(), file, where));
    return RecordedRuns{
        {Stem(path), {{TensorMap{{Stem(path), std::move(tensor)}}, std::nullopt, Stem(path)}}}};
  }
  ASSAY_ASSIGN_OR_RETURN(TensorMap map, ParseNpz(file->bytes(), file, where));
  Result<RecordedRuns> runs = UnpackOutputs(std::move(map), Stem(path));
  if (!runs.ok()) return runs.status().WithContext(where);
  return runs;
}

Result<RecordedRuns> LoadOutputsFile(const fs::path& path) {
  ASSAY_ASSIGN_OR_RETURN(RecordedRuns runs, ReadOutputsFile(path));
  const bool empty = std::all_of(runs.begin(), runs.end(),
                                 [](const RecordedRun& run) { return run.iterations.empty(); });
  if (empty) return NoIterations(path, "outputs");
  return runs;
}

// Appends the iterations of `from` to the runs of `to`: to the run with the same name that is the
// same occurrence of that name, or as a new run.
void AppendRuns(RecordedRuns from, RecordedRuns& to) {
  std::vector<bool> taken(to.size(), false);
  for (RecordedRun& run : from) {
    size_t i = 0;
    while (i < taken.size() && (taken[i] || to[i].runner_name != run.runner_name)) ++i;
    if (i == taken.size()) {
      to.push_back(std::move(run));
      continue;
    }
    taken[i] = true;
    std::move(run.iterations.begin(), run.iterations.end(), std::back_inserter(to[i].iterations));
  }
}

// Makes the folder of a new recording, which must not hold anything yet.
Status CreateIterationFolder(const fs::path& folder, FolderMaker& maker) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return Status(
        StatusCode::kUsage,
        fmt::format("cannot save to \"{}\": expected a folder, got a file", folder.string()),
        "a path without extension means a folder with one file per iteration; "
        "add .json or .npz for a single file");
  }
  if (fs::is_directory(status) && !fs::is_empty(folder, error)) {
    return Status(
        StatusCode::kUsage,
        fmt::format("cannot save to \"{}\": expected a new or empty folder", folder.string()),
        "name another folder, or remove what is in it; or add .json or .npz for a single file");
  }
  return maker.Make(folder);
}

fs::path IterationFile(const fs::path& folder, size_t iteration) {
  return folder / fmt::format("{:010}.json", iteration);
}

Status OneTensorOnly(const fs::path& path, size_t count) {
  return Status(StatusCode::kUsage,
                fmt::format("cannot save to \"{}\": a .npy file holds one tensor, got {}",
                            path.string(), count),
                "save to a .npz or .json file");
}

}  // namespace

bool IsFolderPath(const fs::path& path) { return KindByName(path) == FileKind::kFolder; }

Result<std::vector<fs::path>> ListIterationFiles(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) {
    return Status(
        error == std::errc::no_such_file_or_directory ? StatusCode::kNotFound : StatusCode::kIo,
        fmt::format("cannot read the folder \"{}\": {}", folder.string(), error.message()));
  }
  std::vector<fs::path> files;
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (path.extension() == ".json" || path.extension() == ".npz") files.push_back(path);
    if (error) break;
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("expected .json or .npz files in the folder \"{}\", got none",
                              folder.string()));
  }
  return files;
}

Result<std::vector<TensorMap>> LoadInputs(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return LoadInputsFile(path);
  ASSAY_ASSIGN_OR_RETURN(const std::vector<fs::path> files, ListIterationFiles(path));
  std::vector<TensorMap> iterations;
  for (const fs::path& file : files) {
    ASSAY_ASSIGN_OR_RETURN(std::vector<TensorMap> loaded, LoadInputsFile(file));
    std::move(loaded.begin(), loaded.end(), std::back_inserter(iterations));
  }
  return iterations;
}

Result<RecordedRuns> LoadOutputs(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return LoadOutputsFile(path);
  ASSAY_ASSIGN_OR_RETURN(const std::vector<fs::path> files, ListIterationFiles(path));
  RecordedRuns runs;
  for (const fs::path& file : files) {
    ASSAY_ASSIGN_OR_RETURN(RecordedRuns loaded, LoadOutputsFile(file));
    AppendRuns(std::move(loaded), runs);
  }
  return runs;
}

struct InputsWriter::Impl {
  Impl(fs::path file, FileKind file_kind) : path(std::move(file)), kind(file_kind) {}
  fs::path path;
  FileKind kind;
  FolderMaker folder;
  size_t count = 0;
  std::optional<InputsJsonWriter> json;
  std::optional<InputsArchiveWriter> npz;
  TensorMap first;  // of a .npy file
};

InputsWriter::InputsWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InputsWriter::InputsWriter(InputsWriter&&) noexcept = default;
InputsWriter& InputsWriter::operator=(InputsWriter&&) noexcept = default;
InputsWriter::~InputsWriter() = default;

Result<InputsWriter> InputsWriter::Create(const fs::path& path) {
  auto impl = std::make_unique<Impl>(path, KindByName(path));
  switch (impl->kind) {
    case FileKind::kFolder:
      ASSAY_RETURN_IF_ERROR(CreateIterationFolder(path, impl->folder));
      break;
    case FileKind::kNpy:
      break;
    case FileKind::kNpz: {
      ASSAY_ASSIGN_OR_RETURN(impl->npz, InputsArchiveWriter::Create(path));
      break;
    }
    case FileKind::kJson: {
      ASSAY_ASSIGN_OR_RETURN(impl->json, InputsJsonWriter::Create(path));
      break;
    }
  }
  return InputsWriter(std::move(impl));
}

Status InputsWriter::Append(const TensorMap& inputs) {
  const size_t iteration = impl_->count++;
  switch (impl_->kind) {
    case FileKind::kFolder:
      return WriteIterationJson(IterationFile(impl_->path, iteration), inputs);
    case FileKind::kNpz:
      return impl_->npz->Append(inputs);
    case FileKind::kJson:
      return impl_->json->Append(inputs);
    case FileKind::kNpy:
      break;
  }
  if (iteration > 0 || inputs.size() != 1)
    return OneTensorOnly(impl_->path, inputs.size() + iteration);
  impl_->first = inputs;
  return OkStatus();
}

Status InputsWriter::Finish() {
  switch (impl_->kind) {
    case FileKind::kFolder:
      return OkStatus();
    case FileKind::kNpz:
      return impl_->npz->Finish();
    case FileKind::kJson:
      return impl_->json->Finish();
    case FileKind::kNpy:
      break;
  }
  if (impl_->first.empty()) return OneTensorOnly(impl_->path, 0);
  return WriteNpy(impl_->path, impl_->first[0].tensor);
}

Status SaveInputs(const fs::path& path, std::span<const TensorMap> iterations) {
  ASSAY_ASSIGN_OR_RETURN(InputsWriter writer, InputsWriter::Create(path));
  for (const TensorMap& iteration : iterations) ASSAY_RETURN_IF_ERROR(writer.Append(iteration));
  return writer.Finish();
}

struct OutputsWriter::Impl {
  explicit Impl(fs::path file) : path(std::move(file)) {}
  fs::path path;
  FolderMaker folder;
  size_t count = 0;
  RecordedRuns runs;  // kept for a single file
};

OutputsWriter::OutputsWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OutputsWriter::OutputsWriter(OutputsWriter&&) noexcept = default;
OutputsWriter& OutputsWriter::operator=(OutputsWriter&&) noexcept = default;
OutputsWriter::~OutputsWriter() = default;

Result<OutputsWriter> OutputsWriter::Create(const fs::path& path) {
  auto impl = std::make_unique<Impl>(path);
  if (IsFolderPath(path)) ASSAY_RETURN_IF_ERROR(CreateIterationFolder(path, impl->folder));
  return OutputsWriter(std::move(impl));
}

Status OutputsWriter::Append(std::vector<RecordedIteration> runners) {
  const size_t iteration = impl_->count++;
  if (IsFolderPath(impl_->path)) {
    RecordedRuns runs;
    for (RecordedIteration& runner : runners) {
      std::string name = runner.runner_name;
      runs.push_back({std::move(name), {std::move(runner)}});
    }
    return WriteOutputsJson(IterationFile(impl_->path, iteration), runs);
  }
  for (size_t i = 0; i < runners.size(); ++i) {
    if (i == impl_->runs.size()) impl_->runs.push_back({runners[i].runner_name, {}});
    impl_->runs[i].iterations.push_back(std::move(runners[i]));
  }
  return OkStatus();
}

Status OutputsWriter::Finish() {
  return IsFolderPath(impl_->path) ? OkStatus() : SaveOutputs(impl_->path, impl_->runs);
}

Status SaveOutputs(const fs::path& path, const RecordedRuns& runs) {
  switch (KindByName(path)) {
    case FileKind::kJson:
      return WriteOutputsJson(path, runs);
    case FileKind::kNpz:
      return WriteOutputsArchive(path, runs);
    case FileKind::kNpy: {
      size_t count = 0;
      for (const RecordedRun& run : runs) {
        for (const RecordedIteration& iteration : run.iterations) count += iteration.outputs.size();
      }
      if (count != 1) return OneTensorOnly(path, count);
      for (const RecordedRun& run : runs) {
        for (const RecordedIteration& iteration : run.iterations) {
          for (const NamedTensor& item : iteration.outputs) return WriteNpy(path, item.tensor);
        }
      }
      return OkStatus();
    }
    case FileKind::kFolder:
      break;
  }
  FolderMaker folder;
  ASSAY_RETURN_IF_ERROR(CreateIterationFolder(path, folder));
  size_t iterations = 0;
  for (const RecordedRun& run : runs) iterations = std::max(iterations, run.iterations.size());
  for (size_t i = 0; i < iterations; ++i) {
    RecordedRuns single;
    for (const RecordedRun& run : runs) {
      if (i < run.iterations.size()) single.push_back({run.runner_name, {run.iterations[i]}});
    }
    ASSAY_RETURN_IF_ERROR(WriteOutputsJson(IterationFile(path, i), single));
  }
  return OkStatus();
}

}  // namespace assay
