#include "onnx/external_files.h"

#include <algorithm>

#include "base/file.h"
#include "onnx/fields.h"
#include "onnx/graph_reader.h"
#include "onnx/wire.h"

namespace assay {
namespace {

constexpr int kMaxMessageDepth = 1024;

enum class Message { kModel, kFunction, kGraph, kNode, kAttribute, kSparseTensor, kTensor };

// Fields through which a model leads to its tensors.
struct Part {
  Message whole;
  uint32_t field;
  Message part;
};
constexpr Part kParts[] = {
    {Message::kModel, onnx::model::kGraph, Message::kGraph},
    {Message::kModel, onnx::model::kFunctions, Message::kFunction},
    {Message::kFunction, onnx::function::kNode, Message::kNode},
    {Message::kFunction, onnx::function::kAttributeDefault, Message::kAttribute},
    {Message::kGraph, onnx::graph::kNode, Message::kNode},
    {Message::kGraph, onnx::graph::kInitializer, Message::kTensor},
    {Message::kGraph, onnx::graph::kSparseInitializer, Message::kSparseTensor},
    {Message::kNode, onnx::node::kAttribute, Message::kAttribute},
    {Message::kAttribute, onnx::attribute::kTensor, Message::kTensor},
    {Message::kAttribute, onnx::attribute::kTensors, Message::kTensor},
    {Message::kAttribute, onnx::attribute::kGraph, Message::kGraph},
    {Message::kAttribute, onnx::attribute::kGraphs, Message::kGraph},
    {Message::kAttribute, onnx::attribute::kSparseTensor, Message::kSparseTensor},
    {Message::kAttribute, onnx::attribute::kSparseTensors, Message::kSparseTensor},
    {Message::kSparseTensor, onnx::sparse_tensor::kValues, Message::kTensor},
    {Message::kSparseTensor, onnx::sparse_tensor::kIndices, Message::kTensor},
};

const Part* FindPart(Message whole, uint32_t field) {
  const auto* found = std::ranges::find_if(
      kParts, [&](const Part& part) { return part.whole == whole && part.field == field; });
  return found == std::end(kParts) ? nullptr : found;
}

void Collect(Message kind, std::string_view message, int depth,
             std::vector<std::string>& locations) {
  if (depth > kMaxMessageDepth) return;
  for (WireReader reader(message); reader.Next();) {
    if (kind == Message::kTensor && reader.field() == onnx::tensor::kExternalData) {
      auto [key, value] = ReadEntryProto(reader.Bytes());
      const bool is_new = std::ranges::find(locations, value) == locations.end();
      if (key == "location" && is_new) locations.push_back(std::move(value));
    } else if (const Part* part = FindPart(kind, reader.field())) {
      Collect(part->part, reader.Bytes(), depth + 1, locations);
    } else {
      reader.Skip();
    }
  }
}

}  // namespace

std::vector<std::string> ExternalDataLocations(std::string_view model) {
  std::vector<std::string> locations;
  try {
    Collect(Message::kModel, model, 0, locations);
  } catch (const WireError&) {
    return locations;
  }
  return locations;
}

std::vector<std::filesystem::path> ExternalDataFiles(const std::filesystem::path& model,
                                                     const std::filesystem::path& folder) {
  const Result<std::shared_ptr<const MappedFile>> file = MappedFile::Open(model);
  if (!file.ok()) return {};
  const std::filesystem::path& place = folder.empty() ? model.parent_path() : folder;
  std::vector<std::filesystem::path> paths;
  for (const std::string& location : ExternalDataLocations((*file)->text())) {
    paths.push_back(place / location);
  }
  return paths;
}

}  // namespace assay
