// Writing engine files.

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <plan/engine_generated.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/engine_layout.h"
#include "plan/needed_constants.h"

namespace assay {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

size_t RoundUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// The pieces of the data section, each written once however often it is referred to.
class BlobList {
 public:
  int Add(std::span<const std::byte> bytes) {
    const auto key = std::make_pair(bytes.data(), bytes.size());
    const auto [found, is_new] = index_.emplace(key, static_cast<int>(pieces_.size()));
    if (is_new) pieces_.push_back(bytes);
    return found->second;
  }

  // Fills in where every piece stands when the data follow a table of this size; returns the size
  // of the file.
  size_t Place(size_t table_bytes, std::vector<file::Blob>* blobs) const {
    size_t at = kEngineHeaderBytes + table_bytes;
    blobs->clear();
    for (const std::span<const std::byte> piece : pieces_) {
      at = RoundUp(at, piece.size() >= kPageBytes ? kPageBytes : kBlobAlignment);
      const ContentHash hash = HashBytes(piece);
      blobs->emplace_back(at, piece.size(), hash.high, hash.low);
      at += piece.size();
    }
    return at;
  }

  const std::vector<std::span<const std::byte>>& pieces() const { return pieces_; }

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::map<std::pair<const std::byte*, size_t>, int> index_;
};

class EngineTable {
 public:
  explicit EngineTable(const EngineContents& contents) : contents_(contents) {}

  // Builds the table; positions of blobs are those given, or zero at first.
  Result<std::vector<uint8_t>> Build(const std::vector<file::Blob>& blobs) {
    builder_.Clear();
    ASSAY_ASSIGN_OR_RETURN(const auto graph, AddGraph());
    std::vector<Offset<file::Step>> steps;
    for (const Step& step : contents_.plan->steps) {
      const int packed =
          step.packed_key.empty() ? -1 : blobs_.Add(contents_.packed(step.packed_key));
      steps.push_back(file::CreateStep(builder_, Text(std::string(step.tactic->name)), packed));
    }
    std::vector<Offset<file::ShapeRange>> profile;
    for (const ShapeRange& range : contents_.profile) {
      profile.push_back(file::CreateShapeRange(builder_, Extents(range.min), Extents(range.opt),
                                               Extents(range.max)));
    }
    std::vector<file::Blob> placed = blobs;
    placed.resize(blobs_.pieces().size());
    const auto engine = file::CreateEngine(
        builder_, Text("Assay " ASSAY_VERSION), Text(contents_.source),
        Text(RequiredCpu(*contents_.plan)), builder_.CreateVector(profile), graph,
        builder_.CreateVector(steps), builder_.CreateVectorOfStructs(placed),
        builder_.CreateVectorOfStrings(contents_.disabled_passes));
    builder_.Finish(engine);
    const uint8_t* data = builder_.GetBufferPointer();
    return std::vector<uint8_t>(data, data + builder_.GetSize());
  }

  const BlobList& blobs() const { return blobs_; }

 private:
  Offset<flatbuffers::String> Text(const std::string& text) { return builder_.CreateString(text); }
  Offset<flatbuffers::Vector<int64_t>> Extents(const Shape& shape) {
    return builder_.CreateVector(std::vector<int64_t>(shape.begin(), shape.end()));
  }

  Result<Offset<file::Tensor>> AddTensor(const Tensor& tensor, bool with_data) {
    if (tensor.dtype() == DType::kString) {
      return Status(StatusCode::kUnsupported, "engine files hold no constants of strings");
    }
    const int blob = with_data ? blobs_.Add(tensor.bytes()) : -1;
    return file::CreateTensor(builder_, static_cast<uint8_t>(tensor.dtype()),
                              Extents(tensor.shape()), blob);
  }

  Result<Offset<file::Attribute>> AddAttribute(const Attribute& attribute) {
    uint8_t kind = 0;
    int64_t integer = 0;
    float number = 0;
    Offset<flatbuffers::String> text;
    Offset<file::Tensor> tensor;
    Offset<flatbuffers::Vector<int64_t>> ints;
    Offset<flatbuffers::Vector<float>> floats;
    Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> texts;
    if (const auto* value = std::get_if<int64_t>(&attribute.value)) {
      integer = *value;
    } else if (const auto* value = std::get_if<float>(&attribute.value)) {
      kind = 1;
      number = *value;
    } else if (const auto* value = std::get_if<std::string>(&attribute.value)) {
      kind = 2;
      text = Text(*value);
    } else if (const auto* value = std::get_if<Tensor>(&attribute.value)) {
      kind = 3;
      ASSAY_ASSIGN_OR_RETURN(tensor, AddTensor(*value, true));
    } else if (const auto* value = std::get_if<std::vector<int64_t>>(&attribute.value)) {
      kind = 4;
      ints = builder_.CreateVector(*value);
    } else if (const auto* value = std::get_if<std::vector<float>>(&attribute.value)) {
      kind = 5;
      floats = builder_.CreateVector(*value);
    } else if (const auto* value = std::get_if<std::vector<std::string>>(&attribute.value)) {
      kind = 6;
      texts = builder_.CreateVectorOfStrings(*value);
    } else {
      return Status(StatusCode::kUnsupported,
                    fmt::format("engine files hold no attribute like \"{}\"", attribute.name));
    }
    return file::CreateAttribute(builder_, Text(attribute.name), kind, integer, number, text,
                                 tensor, ints, floats, texts);
  }

  Result<Offset<file::Value>> AddValue(const Value& value, bool is_input, bool with_data) {
    Offset<file::Tensor> constant;
    if (value.constant) {
      ASSAY_ASSIGN_OR_RETURN(constant, AddTensor(*value.constant, with_data));
    }
    Offset<flatbuffers::Vector<Offset<file::Dim>>> extents;
    if (is_input && value.type.shape) {
      std::vector<Offset<file::Dim>> dims;
      for (const Dim& dim : *value.type.shape) {
        const auto symbol = dim.IsKnown() ? 0 : Text(dim.ToString());
        dims.push_back(file::CreateDim(builder_, dim.IsKnown() ? dim.value() : -1, symbol));
      }
      extents = builder_.CreateVector(dims);
    }
    const auto dtype = is_input ? static_cast<uint8_t>(value.type.dtype) : uint8_t{0};
    return file::CreateValue(builder_, Text(value.name), dtype, extents, constant);
  }

  Result<Offset<file::Node>> AddNode(const Node& node) {
    std::vector<Offset<file::Attribute>> attributes;
    for (const Attribute& attribute : node.attributes) {
      ASSAY_ASSIGN_OR_RETURN(const auto added, AddAttribute(attribute));
      attributes.push_back(added);
    }
    return file::CreateNode(builder_, Text(node.name), Text(node.op), Text(node.domain), node.opset,
                            builder_.CreateVector(node.inputs), builder_.CreateVector(node.outputs),
                            builder_.CreateVector(attributes),
                            builder_.CreateVectorOfStrings(node.origins));
  }

  Result<Offset<file::Graph>> AddGraph() {
    const Graph& graph = contents_.graph != nullptr ? *contents_.graph : *contents_.plan->graph;
    const std::vector<char> needed = NeededValues(*contents_.plan);
    std::vector<Offset<file::Value>> values;
    for (size_t i = 0; i < graph.values.size(); ++i) {
      const bool is_input =
          std::ranges::find(graph.inputs, static_cast<ValueId>(i)) != graph.inputs.end();
      const bool with_data = contents_.graph != nullptr || needed[i] != 0;
      ASSAY_ASSIGN_OR_RETURN(const auto value, AddValue(graph.values[i], is_input, with_data));
      values.push_back(value);
    }
    std::vector<Offset<file::Node>> nodes;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Result<Offset<file::Node>> node = AddNode(graph.nodes[i]);
      if (!node.ok()) return node.status().WithContext(graph.NodeLabel(static_cast<NodeId>(i)));
      nodes.push_back(*node);
    }
    return file::CreateGraph(builder_, Text(graph.name), builder_.CreateVector(values),
                             builder_.CreateVector(nodes), builder_.CreateVector(graph.inputs),
                             builder_.CreateVector(graph.outputs));
  }

  const EngineContents& contents_;
  FlatBufferBuilder builder_;
  BlobList blobs_;
};

Status WritePadding(AtomicFile& file, size_t bytes) { return file.Write(std::string(bytes, '\0')); }

}  // namespace

Status WriteEngineFile(const EngineContents& contents, const std::filesystem::path& path) {
  EngineTable table(contents);
  ASSAY_ASSIGN_OR_RETURN(std::vector<uint8_t> bytes, table.Build({}));
  std::vector<file::Blob> blobs;
  const size_t size = table.blobs().Place(bytes.size(), &blobs);
  // The positions are part of the table and do not change its size.
  ASSAY_ASSIGN_OR_RETURN(bytes, table.Build(blobs));

  const auto table_bytes = std::as_bytes(std::span(bytes));
  EngineHeader header;
  header.major = kEngineFileMajor;
  header.minor = kEngineFileMinor;
  header.file_bytes = size;
  header.table_offset = kEngineHeaderBytes;
  header.table_bytes = table_bytes.size();
  header.table_hash = HashBytes(table_bytes);
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ASSAY_RETURN_IF_ERROR(file.Write(EncodeHeader(header)));
  ASSAY_RETURN_IF_ERROR(file.Write(table_bytes));
  size_t at = kEngineHeaderBytes + table_bytes.size();
  for (size_t i = 0; i < blobs.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(WritePadding(file, blobs[i].offset() - at));
    ASSAY_RETURN_IF_ERROR(file.Write(table.blobs().pieces()[i]));
    at = blobs[i].offset() + blobs[i].size();
  }
  return file.Commit();
}

}  // namespace assay
