#include "cli/run/run_savers.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"

namespace assay {
namespace {

constexpr std::string_view kInputs = "inference input data";
constexpr std::string_view kOutputs = "inference results";

std::string IterationName(int64_t index) { return fmt::format("{:010}", index); }

void Announce(std::string_view what, const std::string& path, LogSink& log) {
  log.Write(
      Severity::kInfo,
      fmt::format("Saving {} to a {}: {}", what,
                  IsFolderPath(path) ? "directory of per-iteration files" : "single file", path));
}

void AnnounceFile(std::string_view what, const std::string& path, int64_t index, LogSink& log) {
  log.Write(Severity::kInfo,
            fmt::format("Saving {} to {}", what,
                        IsFolderPath(path) ? path + "/" + IterationName(index) + ".json" : path));
}

}  // namespace

Result<RunSavers> RunSavers::Create(const InferenceSettings& settings, LogSink& log) {
  RunSavers savers(settings, log);
  if (!settings.save_inputs.empty()) {
    Announce(kInputs, settings.save_inputs, log);
    ASSAY_ASSIGN_OR_RETURN(savers.inputs_, InputsWriter::Create(settings.save_inputs));
  }
  if (!settings.save_outputs.empty()) {
    Announce(kOutputs, settings.save_outputs, log);
    ASSAY_ASSIGN_OR_RETURN(savers.outputs_, OutputsWriter::Create(settings.save_outputs));
  }
  if (!settings.save_input_blob.empty()) {
    log.Write(Severity::kInfo,
              "Saving raw inference input tensors to: " + settings.save_input_blob);
  }
  return savers;
}

Status RunSavers::AppendBlob(const TensorMap& inputs) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(settings_.save_input_blob) / IterationName(input_index_);
  for (const NamedTensor& item : inputs) {
    const fs::path file = (folder / (item.name + ".bin")).lexically_normal();
    const fs::path relative = file.lexically_relative(folder.lexically_normal());
    if (relative.empty() || *relative.begin() == "..") {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("Cannot save raw input tensor named '{}': the name resolves to a "
                                "path outside of '{}'.",
                                item.name, folder.string()));
    }
    ASSAY_RETURN_IF_ERROR(folders_.Make(file.parent_path()));
    const auto bytes = item.tensor.bytes();
    ASSAY_RETURN_IF_ERROR(WriteFileAtomically(
        file, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
  }
  log_->Write(Severity::kVerbose,
              fmt::format("Saved raw inference input tensors to: {}", folder.string()));
  return OkStatus();
}

Status RunSavers::AppendInputs(const TensorMap& inputs) {
  if (inputs_) {
    if (IsFolderPath(settings_.save_inputs)) {
      AnnounceFile(kInputs, settings_.save_inputs, input_index_, *log_);
    }
    ASSAY_RETURN_IF_ERROR(inputs_->Append(inputs));
  }
  if (!settings_.save_input_blob.empty()) ASSAY_RETURN_IF_ERROR(AppendBlob(inputs));
  ++input_index_;
  return OkStatus();
}

Status RunSavers::AppendOutputs(const RunGroup& group) {
  if (outputs_) {
    if (IsFolderPath(settings_.save_outputs)) {
      AnnounceFile(kOutputs, settings_.save_outputs, output_index_, *log_);
    }
    ASSAY_RETURN_IF_ERROR(outputs_->Append(group));
  }
  ++output_index_;
  return OkStatus();
}

Status RunSavers::Finish() {
  if (inputs_) {
    if (!IsFolderPath(settings_.save_inputs)) {
      AnnounceFile(kInputs, settings_.save_inputs, 0, *log_);
    }
    ASSAY_RETURN_IF_ERROR(inputs_->Finish());
  }
  if (outputs_) {
    if (!IsFolderPath(settings_.save_outputs)) {
      AnnounceFile(kOutputs, settings_.save_outputs, 0, *log_);
    }
    ASSAY_RETURN_IF_ERROR(outputs_->Finish());
  }
  return OkStatus();
}

}  // namespace assay
