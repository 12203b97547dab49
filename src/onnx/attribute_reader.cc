#include "onnx/attribute_reader.h"

#include <fmt/format.h>

#include <vector>

#include "base/quote.h"
#include "onnx/fields.h"
#include "onnx/type_proto.h"
#include "onnx/wire.h"

namespace assay {
namespace {

using onnx::attribute::Type;

struct Fields {
  std::string name;
  std::string reference;
  std::optional<int64_t> type;
  std::optional<float> float_value;
  std::optional<int64_t> int_value;
  std::optional<std::string_view> string_value;
  std::optional<std::string_view> tensor;
  std::optional<std::string_view> graph;
  std::optional<std::string_view> sparse_tensor;
  std::optional<std::string_view> type_proto;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string_view> strings;
  std::vector<std::string_view> tensors;
  std::vector<std::string_view> graphs;
  std::vector<std::string_view> type_protos;
};

Fields ReadFields(std::string_view message) {
  Fields fields;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::attribute::kName:
        fields.name = reader.Bytes();
        break;
      case onnx::attribute::kReference:
        fields.reference = reader.Bytes();
        break;
      case onnx::attribute::kType:
        fields.type = reader.Int();
        break;
      case onnx::attribute::kFloat:
        fields.float_value = reader.Float();
        break;
      case onnx::attribute::kInt:
        fields.int_value = reader.Int();
        break;
      case onnx::attribute::kString:
        fields.string_value = reader.Bytes();
        break;
      case onnx::attribute::kTensor:
        fields.tensor = reader.Bytes();
        break;
      case onnx::attribute::kGraph:
        fields.graph = reader.Bytes();
        break;
      case onnx::attribute::kSparseTensor:
        fields.sparse_tensor = reader.Bytes();
        break;
      case onnx::attribute::kTypeProto:
        fields.type_proto = reader.Bytes();
        break;
      case onnx::attribute::kFloats:
        reader.Floats(fields.floats);
        break;
      case onnx::attribute::kInts:
        reader.Ints(fields.ints);
        break;
      case onnx::attribute::kStrings:
        fields.strings.push_back(reader.Bytes());
        break;
      case onnx::attribute::kTensors:
        fields.tensors.push_back(reader.Bytes());
        break;
      case onnx::attribute::kGraphs:
        fields.graphs.push_back(reader.Bytes());
        break;
      case onnx::attribute::kTypeProtos:
        fields.type_protos.push_back(reader.Bytes());
        break;
      default:
        reader.Skip();
    }
  }
  return fields;
}

// Writers before IR version 2 leave the type out.
Type TypeOf(const Fields& fields) {
  if (fields.type && *fields.type != 0) return static_cast<Type>(*fields.type);
  if (fields.float_value) return Type::kFloat;
  if (fields.int_value) return Type::kInt;
  if (fields.string_value) return Type::kString;
  if (fields.tensor) return Type::kTensor;
  if (fields.graph) return Type::kGraph;
  if (fields.sparse_tensor) return Type::kSparseTensor;
  if (fields.type_proto) return Type::kTypeProto;
  if (!fields.floats.empty()) return Type::kFloats;
  if (!fields.ints.empty()) return Type::kInts;
  if (!fields.strings.empty()) return Type::kStrings;
  if (!fields.tensors.empty()) return Type::kTensors;
  if (!fields.graphs.empty()) return Type::kGraphs;
  if (!fields.type_protos.empty()) return Type::kTypeProtos;
  return Type::kUndefined;
}

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidInput, std::move(message));
}

Status UnsupportedSparse() {
  return Status(StatusCode::kUnsupported, "sparse tensors are supported in Constant nodes only");
}

template <typename T, typename Read>
Result<AttributeValue> ReadList(const std::vector<std::string_view>& messages, Read read) {
  std::vector<T> list;
  list.reserve(messages.size());
  for (std::string_view message : messages) {
    ASSAY_ASSIGN_OR_RETURN(T item, read(message));
    list.push_back(std::move(item));
  }
  return AttributeValue(std::move(list));
}

Result<AttributeValue> ReadValue(const Fields& fields, Type type,
                                 const AttributeReaderOptions& options,
                                 std::optional<TensorProto>& tensor) {
  const auto read_tensor = [&](std::string_view message) -> Result<Tensor> {
    ASSAY_ASSIGN_OR_RETURN(TensorProto proto, ReadTensorProto(message, *options.tensors));
    return proto.tensor ? std::move(*proto.tensor) : Tensor();
  };
  switch (type) {
    case Type::kUndefined:
      return Invalid("expected a value, got none");
    case Type::kFloat:
      return AttributeValue(fields.float_value.value_or(0.0f));
    case Type::kInt:
      return AttributeValue(fields.int_value.value_or(0));
    case Type::kString:
      return AttributeValue(std::string(fields.string_value.value_or("")));
    case Type::kFloats:
      return AttributeValue(fields.floats);
    case Type::kInts:
      return AttributeValue(fields.ints);
    case Type::kStrings:
      return AttributeValue(std::vector<std::string>(fields.strings.begin(), fields.strings.end()));
    case Type::kTensor: {
      if (!fields.tensor) return Invalid("expected a tensor, got none");
      ASSAY_ASSIGN_OR_RETURN(tensor, ReadTensorProto(*fields.tensor, *options.tensors));
      return AttributeValue(tensor->tensor.value_or(Tensor()));
    }
    case Type::kSparseTensor: {
      if (!options.allow_sparse) return UnsupportedSparse();
      if (!fields.sparse_tensor) return Invalid("expected a sparse tensor, got none");
      ASSAY_ASSIGN_OR_RETURN(tensor,
                             ReadSparseTensorProto(*fields.sparse_tensor, *options.tensors));
      return AttributeValue(tensor->tensor.value_or(Tensor()));
    }
    case Type::kGraph: {
      if (!fields.graph) return Invalid("expected a graph, got none");
      ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<const Graph> graph, options.read_graph(*fields.graph));
      return AttributeValue(std::move(graph));
    }
    case Type::kTypeProto: {
      if (!fields.type_proto) return Invalid("expected a type, got none");
      ASSAY_ASSIGN_OR_RETURN(ValueType value_type, ReadTypeProto(*fields.type_proto));
      return AttributeValue(std::move(value_type));
    }
    case Type::kTensors:
      return ReadList<Tensor>(fields.tensors, read_tensor);
    case Type::kGraphs:
      return ReadList<std::shared_ptr<const Graph>>(fields.graphs, options.read_graph);
    case Type::kTypeProtos:
      return ReadList<ValueType>(fields.type_protos, ReadTypeProto);
    case Type::kSparseTensors:
      return UnsupportedSparse();
  }
  return Invalid(
      fmt::format("expected an attribute type from 1 to 14, got {}", static_cast<int64_t>(type)));
}

// The value of an attribute that refers to one of the function's says only what kind it has.
Result<AttributeValue> EmptyValue(Type type) {
  switch (type) {
    case Type::kFloat:
      return AttributeValue(0.0f);
    case Type::kInt:
      return AttributeValue(int64_t{0});
    case Type::kString:
      return AttributeValue(std::string());
    case Type::kTensor:
      return AttributeValue(Tensor());
    case Type::kGraph:
      return AttributeValue(std::shared_ptr<const Graph>());
    case Type::kFloats:
      return AttributeValue(std::vector<float>());
    case Type::kInts:
      return AttributeValue(std::vector<int64_t>());
    case Type::kStrings:
      return AttributeValue(std::vector<std::string>());
    case Type::kTensors:
      return AttributeValue(std::vector<Tensor>());
    case Type::kGraphs:
      return AttributeValue(std::vector<std::shared_ptr<const Graph>>());
    case Type::kTypeProto:
      return AttributeValue(ValueType());
    case Type::kTypeProtos:
      return AttributeValue(std::vector<ValueType>());
    case Type::kSparseTensor:
    case Type::kSparseTensors:
      return UnsupportedSparse();
    case Type::kUndefined:
      break;
  }
  return Invalid("expected the type of the attribute referred to, got none");
}

Status ReadInto(const Fields& fields, const AttributeReaderOptions& options,
                ReadAttribute& result) {
  const Type type = TypeOf(fields);
  if (fields.reference.empty()) {
    ASSAY_ASSIGN_OR_RETURN(result.attribute.value, ReadValue(fields, type, options, result.tensor));
    return OkStatus();
  }
  if (!options.allow_reference) {
    return Invalid(fmt::format("refers to attribute {} of a function, but is in none",
                               Quote(fields.reference)));
  }
  ASSAY_ASSIGN_OR_RETURN(result.attribute.value, EmptyValue(type));
  return OkStatus();
}

}  // namespace

Result<ReadAttribute> ReadAttributeProto(std::string_view message,
                                         const AttributeReaderOptions& options) {
  const Fields fields = ReadFields(message);
  ReadAttribute result;
  result.attribute.name = fields.name;
  result.attribute.reference = fields.reference;
  if (fields.name.empty()) return Invalid("attribute without a name");
  if (const Status status = ReadInto(fields, options, result); !status.ok()) {
    return Status(status.code(),
                  fmt::format("attribute {}: {}", Quote(fields.name), status.message()),
                  status.hint());
  }
  return result;
}

}  // namespace assay
