#include "runners/model_source.h"

#include <fmt/format.h>

#include <utility>

#include "ir/select_outputs.h"
#include "onnx/export.h"
#include "onnx/import.h"
#include "runtime/engine.h"

namespace assay {

ModelSource::ModelSource(std::filesystem::path path, Options options)
    : path_(std::move(path)), options_(std::move(options)) {}

bool ModelSource::is_engine() const { return Engine::IsEngineFile(path_); }

Status ModelSource::EngineFileRefused() const {
  return Status(
      StatusCode::kUsage,
      fmt::format("\"{}\" is an engine file, which only --native can run", path_.string()));
}

bool ModelSource::edited() const {
  return !options_.outputs.empty() || !options_.exclude_outputs.empty() ||
         !options_.outputs_by_type.empty() || !options_.external_data_folder.empty();
}

Result<std::shared_ptr<const Model>> ModelSource::Load(LogSink& log) {
  if (model_ != nullptr) return model_;
  if (is_engine()) return EngineFileRefused();
  const ImportOptions import{options_.external_data_folder, options_.ignore_external_data};
  ASSAY_ASSIGN_OR_RETURN(Model model, LoadModel(path_, import, log));
  const OutputSelection selection{options_.outputs, options_.outputs_by_type,
                                  options_.exclude_outputs};
  if (const Status status = SelectOutputs(model.graph, selection, log); !status.ok()) {
    return status.WithContext(path_.string());
  }
  model_ = std::make_shared<const Model>(std::move(model));
  return model_;
}

Result<std::string> ModelSource::Serialize(LogSink& log) {
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Model> model, Load(log));
  return SerializeModel(*model);
}

}  // namespace assay
