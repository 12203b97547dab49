#include "plan/engine_graph_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "plan/engine_layout.h"

namespace assay {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

size_t RoundUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

class GraphWriter {
 public:
  GraphWriter(FlatBufferBuilder& builder, BlobList& blobs) : builder_(builder), blobs_(blobs) {}

  Result<Offset<file::Graph>> Add(const Graph& graph, const std::vector<char>& has_data,
                                  int depth = 0) {
    if (depth > kMostNested) {
      return Status(StatusCode::kUnsupported,
                    fmt::format("graphs in graphs: expected at most {}", kMostNested));
    }
    std::vector<Offset<file::Value>> values;
    for (size_t i = 0; i < graph.values.size(); ++i) {
      const bool is_input =
          std::ranges::find(graph.inputs, static_cast<ValueId>(i)) != graph.inputs.end();
      const bool with_data = has_data.empty() || has_data[i] != 0;
      ASSAY_ASSIGN_OR_RETURN(const auto value, AddValue(graph.values[i], is_input, with_data));
      values.push_back(value);
    }
    std::vector<Offset<file::Node>> nodes;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Result<Offset<file::Node>> node = AddNode(graph.nodes[i], depth);
      if (!node.ok()) return node.status().WithContext(graph.NodeLabel(static_cast<NodeId>(i)));
      nodes.push_back(*node);
    }
    std::vector<ValueId> captures;
    for (const auto& capture : graph.captures) captures.push_back(capture.first);
    return file::CreateGraph(builder_, Text(graph.name), builder_.CreateVector(values),
                             builder_.CreateVector(nodes), builder_.CreateVector(graph.inputs),
                             builder_.CreateVector(graph.outputs),
                             captures.empty() ? 0 : builder_.CreateVector(captures));
  }

 private:
  // What one kind of attribute fills in.
  struct Fields {
    uint8_t kind = 0;
    int64_t integer = 0;
    float number = 0;
    Offset<flatbuffers::String> text;
    Offset<file::Tensor> tensor;
    Offset<Vector<int64_t>> ints;
    Offset<Vector<float>> floats;
    Offset<Vector<Offset<flatbuffers::String>>> texts;
    Offset<file::Graph> graph;
    Offset<Vector<Offset<file::Tensor>>> tensors;
    Offset<file::ValueType> type;
  };

  Offset<flatbuffers::String> Text(const std::string& text) { return builder_.CreateString(text); }

  Result<Offset<file::Tensor>> AddTensor(const Tensor& tensor, bool with_data) {
    const auto dtype = static_cast<uint8_t>(tensor.dtype());
    const auto shape = builder_.CreateVector(tensor.shape().dims());
    if (tensor.dtype() == DType::kString) {
      const auto elements = tensor.data<std::string>();
      const auto strings = builder_.CreateVectorOfStrings({elements.begin(), elements.end()});
      return file::CreateTensor(builder_, dtype, shape, -1, strings);
    }
    return file::CreateTensor(builder_, dtype, shape, with_data ? blobs_.Add(tensor.bytes()) : -1);
  }

  Offset<Vector<Offset<file::Dim>>> AddDims(const std::optional<SymbolicShape>& shape) {
    if (!shape) return 0;
    std::vector<Offset<file::Dim>> dims;
    for (const Dim& dim : *shape) {
      const auto symbol = dim.IsSymbolic() ? Text(dim.symbol()) : 0;
      dims.push_back(file::CreateDim(builder_, dim.MaybeValue().value_or(-1), symbol));
    }
    return builder_.CreateVector(dims);
  }

  Result<Offset<file::ValueType>> AddType(const ValueType& type) {
    if (type.kind == ValueType::Kind::kTensor) {
      return file::CreateValueType(builder_, 0, static_cast<uint8_t>(type.dtype),
                                   AddDims(type.shape));
    }
    const bool is_sequence = type.kind == ValueType::Kind::kSequence;
    if ((!is_sequence && type.kind != ValueType::Kind::kOptional) || type.element == nullptr) {
      return Status(StatusCode::kUnsupported,
                    "engine files hold no values of type " + type.ToString());
    }
    ASSAY_ASSIGN_OR_RETURN(const auto element, AddType(*type.element));
    return file::CreateValueType(builder_, is_sequence ? 1 : 2, 0, 0, element);
  }

  Result<Fields> FieldsOf(const AttributeValue& attribute, int depth) {
    Fields fields;
    if (const auto* integer = std::get_if<int64_t>(&attribute)) {
      fields.integer = *integer;
    } else if (const auto* number = std::get_if<float>(&attribute)) {
      fields.kind = 1;
      fields.number = *number;
    } else if (const auto* text = std::get_if<std::string>(&attribute)) {
      fields.kind = 2;
      fields.text = Text(*text);
    } else if (const auto* tensor = std::get_if<Tensor>(&attribute)) {
      fields.kind = 3;
      ASSAY_ASSIGN_OR_RETURN(fields.tensor, AddTensor(*tensor, true));
    } else if (const auto* ints = std::get_if<std::vector<int64_t>>(&attribute)) {
      fields.kind = 4;
      fields.ints = builder_.CreateVector(*ints);
    } else if (const auto* floats = std::get_if<std::vector<float>>(&attribute)) {
      fields.kind = 5;
      fields.floats = builder_.CreateVector(*floats);
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute)) {
      fields.kind = 6;
      fields.texts = builder_.CreateVectorOfStrings(*texts);
    } else if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute)) {
      fields.kind = 7;
      ASSAY_ASSIGN_OR_RETURN(fields.graph, Add(**body, {}, depth + 1));
    } else if (const auto* tensors = std::get_if<std::vector<Tensor>>(&attribute)) {
      fields.kind = 8;
      std::vector<Offset<file::Tensor>> added;
      for (const Tensor& item : *tensors) {
        ASSAY_ASSIGN_OR_RETURN(const auto offset, AddTensor(item, true));
        added.push_back(offset);
      }
      fields.tensors = builder_.CreateVector(added);
    } else if (const auto* type = std::get_if<ValueType>(&attribute)) {
      fields.kind = 9;
      ASSAY_ASSIGN_OR_RETURN(fields.type, AddType(*type));
    } else {
      return Status(StatusCode::kUnsupported, "engine files hold no lists of graphs or types");
    }
    return fields;
  }

  Result<Offset<file::Attribute>> AddAttribute(const Attribute& attribute, int depth) {
    const Result<Fields> result = FieldsOf(attribute.value, depth);
    if (!result.ok()) {
      return result.status().WithContext(fmt::format("attribute \"{}\"", attribute.name));
    }
    const Fields& fields = *result;
    return file::CreateAttribute(builder_, Text(attribute.name), fields.kind, fields.integer,
                                 fields.number, fields.text, fields.tensor, fields.ints,
                                 fields.floats, fields.texts, fields.graph, fields.tensors,
                                 fields.type);
  }

  Result<Offset<file::Value>> AddValue(const Value& value, bool is_input, bool with_data) {
    if (value.weights_absent) {
      return Status(StatusCode::kUnsupported,
                    fmt::format("the values of \"{}\" were not read", value.name),
                    "load the model with its external data");
    }
    Offset<file::Tensor> constant;
    if (value.constant) {
      ASSAY_ASSIGN_OR_RETURN(constant, AddTensor(*value.constant, with_data));
    }
    const auto name = Text(value.name);
    if (!is_input) return file::CreateValue(builder_, name, 0, 0, constant);
    if (value.type.kind == ValueType::Kind::kTensor) {
      return file::CreateValue(builder_, name, static_cast<uint8_t>(value.type.dtype),
                               AddDims(value.type.shape), constant);
    }
    const Result<Offset<file::ValueType>> type = AddType(value.type);
    if (!type.ok()) return type.status().WithContext(fmt::format("input \"{}\"", value.name));
    return file::CreateValue(builder_, name, 0, 0, constant, *type);
  }

  Result<Offset<file::Node>> AddNode(const Node& node, int depth) {
    std::vector<Offset<file::Attribute>> attributes;
    for (const Attribute& attribute : node.attributes) {
      ASSAY_ASSIGN_OR_RETURN(const auto added, AddAttribute(attribute, depth));
      attributes.push_back(added);
    }
    return file::CreateNode(builder_, Text(node.name), Text(node.op), Text(node.domain), node.opset,
                            builder_.CreateVector(node.inputs), builder_.CreateVector(node.outputs),
                            builder_.CreateVector(attributes),
                            builder_.CreateVectorOfStrings(node.origins), node.captured);
  }

  FlatBufferBuilder& builder_;
  BlobList& blobs_;
};

}  // namespace

int BlobList::Add(std::span<const std::byte> bytes) {
  const auto key = std::make_pair(bytes.data(), bytes.size());
  const auto [found, is_new] = index_.emplace(key, static_cast<int>(pieces_.size()));
  if (is_new) pieces_.push_back(bytes);
  return found->second;
}

size_t BlobList::Place(size_t table_bytes, std::vector<file::Blob>* blobs) const {
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

Result<Offset<file::Graph>> WriteFileGraph(const Graph& graph, const std::vector<char>& has_data,
                                           FlatBufferBuilder& builder, BlobList& blobs) {
  return GraphWriter(builder, blobs).Add(graph, has_data);
}

}  // namespace assay
