#include "onnx/export.h"

#include <fmt/format.h>

#include <limits>
#include <protozero/pbf_writer.hpp>

#include "base/file.h"
#include "ir/topology.h"
#include "ir/verify.h"
#include "onnx/external_data_writer.h"
#include "onnx/fields.h"
#include "onnx/graph_writer.h"
#include "onnx/tensor_proto.h"

namespace assay {
namespace {

// Protobuf messages hold less than 2^31 bytes; the margin is for everything that is not a weight.
constexpr uint64_t kMaxMessageBytes = std::numeric_limits<int32_t>::max();
constexpr uint64_t kMaxWeightBytes = 2'000'000'000;

uint64_t WeightBytes(const Graph& graph) {
  uint64_t bytes = 0;
  for (const Value& value : graph.values) {
    if (value.constant) bytes += value.constant->byte_size();
  }
  for (const Node& node : graph.nodes) {
    ForEachSubgraph(node, [&](const Graph& subgraph) { bytes += WeightBytes(subgraph); });
  }
  return bytes;
}

// The IR version that came with an operator set, for models made in memory.
int64_t IrVersionFor(const std::map<std::string, int>& opsets) {
  const auto found = opsets.find("");
  const int opset = found == opsets.end() ? 0 : found->second;
  if (opset >= 28) return 14;
  if (opset >= 25) return 13;
  if (opset >= 23) return opset - 12;
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  return 8;
}

Status TooLarge(uint64_t bytes) {
  return Status(
      StatusCode::kResourceLimit,
      fmt::format("cannot write the model as one message: expected less than 2 GB, got {} "
                  "bytes",
                  bytes),
      "save it to a file with external data");
}

// A model as three runs of bytes, so that the graph, which has the weights, is not copied.
struct ModelParts {
  std::string before;
  std::string graph;
  std::string after;

  uint64_t size() const { return before.size() + graph.size() + after.size(); }
};

Result<ModelParts> WriteModel(const Model& model, StoreExternally store) {
  ASSAY_RETURN_IF_ERROR(VerifyModel(model));
  const int64_t ir_version = model.ir_version != 0 ? model.ir_version : IrVersionFor(model.opsets);
  GraphWriter graphs(ir_version, std::move(store));
  ModelParts parts;
  protozero::pbf_writer before(parts.before);
  before.add_int64(onnx::model::kIrVersion, ir_version);
  const auto add_text = [&](uint32_t field, const std::string& text) {
    if (!text.empty()) before.add_string(field, text);
  };
  add_text(onnx::model::kProducerName, model.producer_name);
  add_text(onnx::model::kProducerVersion, model.producer_version);
  add_text(onnx::model::kDomain, model.domain);
  if (model.model_version != 0) before.add_int64(onnx::model::kModelVersion, model.model_version);
  add_text(onnx::model::kDocString, model.doc);
  ASSAY_ASSIGN_OR_RETURN(parts.graph, graphs.WriteGraph(model.graph));
  constexpr uint32_t kGraphTag = onnx::model::kGraph << 3 | 2;
  protozero::add_varint_to_buffer(&parts.before, kGraphTag);
  protozero::add_varint_to_buffer(&parts.before, parts.graph.size());
  protozero::pbf_writer after(parts.after);
  for (const auto& [domain, version] : model.opsets) {
    after.add_message(onnx::model::kOpsetImport, WriteOpsetProto(domain, version));
  }
  for (const auto& entry : model.metadata) {
    after.add_message(onnx::model::kMetadata, WriteEntryProto(entry));
  }
  for (const Function& function : model.functions) {
    ASSAY_ASSIGN_OR_RETURN(const std::string message, graphs.WriteFunction(function));
    after.add_message(onnx::model::kFunctions, message);
  }
  if (parts.size() > kMaxMessageBytes) return TooLarge(parts.size());
  return parts;
}

}  // namespace

Result<std::string> SerializeModel(const Model& model) {
  if (const uint64_t bytes = WeightBytes(model.graph); bytes > kMaxMessageBytes) {
    return TooLarge(bytes);
  }
  ASSAY_ASSIGN_OR_RETURN(ModelParts parts, WriteModel(model, nullptr));
  std::string message = std::move(parts.before);
  message.reserve(message.size() + parts.graph.size() + parts.after.size());
  message += parts.graph;
  message += parts.after;
  return message;
}

Status SaveModel(const Model& model, const std::filesystem::path& path,
                 const ExportOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ExternalDataWriter external(path, options);
  StoreExternally store;
  if (options.external_data || WeightBytes(model.graph) > kMaxWeightBytes) {
    store = [&](const std::string& name, const Tensor& tensor) {
      return external.Store(name, tensor);
    };
  }
  ASSAY_ASSIGN_OR_RETURN(const ModelParts parts, WriteModel(model, std::move(store)));
  ASSAY_RETURN_IF_ERROR(file.Write(parts.before));
  ASSAY_RETURN_IF_ERROR(file.Write(parts.graph));
  ASSAY_RETURN_IF_ERROR(file.Write(parts.after));
  ASSAY_RETURN_IF_ERROR(external.Finish());
  ASSAY_RETURN_IF_ERROR(file.Commit());
  external.Keep();
  return OkStatus();
}

}  // namespace assay
