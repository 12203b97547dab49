#include "onnx/graph_writer.h"

#include <fmt/format.h>

#include <protozero/pbf_writer.hpp>
#include <unordered_set>

#include "base/quote.h"
#include "onnx/fields.h"
#include "onnx/tensor_proto.h"
#include "onnx/type_proto.h"

namespace assay {
namespace {

using onnx::attribute::Type;

constexpr int64_t kLastIrVersionWithInitializersAsInputs = 3;

// Every value's name, with new ones for those that have none.
std::vector<std::string> NamesOf(const Graph& graph) {
  std::unordered_set<std::string_view> taken;
  for (const Value& value : graph.values) taken.insert(value.name);
  std::vector<std::string> names;
  names.reserve(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    std::string name = graph.values[i].name;
    if (name.empty()) {
      name = fmt::format("value_{}", i);
      while (taken.contains(name)) name += "_";
    }
    names.push_back(std::move(name));
  }
  return names;
}

bool IsConstant(const Value& value) { return value.constant || value.weights_absent; }

bool KnowsNothing(const ValueType& type) {
  return type.kind == ValueType::Kind::kTensor && type.dtype == DType::kUndefined && !type.shape;
}

// Types of what is neither input nor output: those are written with them.
void AppendValueInfos(const Graph& graph, const std::vector<std::string>& names, uint32_t field,
                      bool outputs_too, protozero::pbf_writer& writer) {
  std::unordered_set<ValueId> outputs(graph.outputs.begin(), graph.outputs.end());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    if (value.producer == kNoNode || KnowsNothing(value.type)) continue;
    if (!outputs_too && outputs.contains(static_cast<ValueId>(i))) continue;
    writer.add_message(field, WriteValueInfoProto(names[i], value.type));
  }
}

void AddType(protozero::pbf_writer& writer, Type type) {
  writer.add_int32(onnx::attribute::kType, static_cast<int32_t>(type));
}

std::string Join(const TensorProtoParts& parts) {
  std::string message = parts.header;
  message += parts.raw;
  return message;
}

Result<std::string> WriteInside(const Tensor& tensor) {
  if (tensor.valid()) return Join(WriteTensorProto({}, tensor));
  return Status(StatusCode::kInvalidInput, "the tensor was not loaded",
                "load the model with its external data");
}

Type TypeOf(const AttributeValue& value) {
  constexpr Type kTypes[] = {Type::kInt,     Type::kFloat,  Type::kString,    Type::kTensor,
                             Type::kGraph,   Type::kInts,   Type::kFloats,    Type::kStrings,
                             Type::kTensors, Type::kGraphs, Type::kTypeProto, Type::kTypeProtos};
  static_assert(std::size(kTypes) == std::variant_size_v<AttributeValue>);
  return kTypes[value.index()];
}

// Attribute values that are neither tensors nor graphs.
void AddPlainValue(protozero::pbf_writer& writer, const AttributeValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    writer.add_int64(onnx::attribute::kInt, *number);
  } else if (const auto* real = std::get_if<float>(&value)) {
    writer.add_float(onnx::attribute::kFloat, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    writer.add_bytes(onnx::attribute::kString, *text);
  } else if (const auto* numbers = std::get_if<std::vector<int64_t>>(&value)) {
    for (int64_t item : *numbers) writer.add_int64(onnx::attribute::kInts, item);
  } else if (const auto* reals = std::get_if<std::vector<float>>(&value)) {
    for (float item : *reals) writer.add_float(onnx::attribute::kFloats, item);
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& item : *texts) writer.add_bytes(onnx::attribute::kStrings, item);
  } else if (const auto* type = std::get_if<ValueType>(&value)) {
    writer.add_message(onnx::attribute::kTypeProto, WriteTypeProto(*type));
  } else if (const auto* types = std::get_if<std::vector<ValueType>>(&value)) {
    for (const ValueType& item : *types) {
      writer.add_message(onnx::attribute::kTypeProtos, WriteTypeProto(item));
    }
  }
}

}  // namespace

Result<std::string> GraphWriter::WriteGraph(const Graph& graph) {
  const Names names = NamesOf(graph);
  std::string message;
  protozero::pbf_writer writer(message);
  ASSAY_RETURN_IF_ERROR(
      AppendConstants(graph, names, /*all_as_nodes=*/false, onnx::graph::kNode, message));
  for (const Node& node : graph.nodes) {
    ASSAY_ASSIGN_OR_RETURN(const std::string node_message, WriteNode(node, names));
    writer.add_message(onnx::graph::kNode, node_message);
  }
  writer.add_string(onnx::graph::kName, graph.name.empty() ? "graph" : graph.name);
  const auto add_value = [&](uint32_t field, ValueId id) {
    const auto index = static_cast<size_t>(id);
    writer.add_message(field, WriteValueInfoProto(names[index], graph.values[index].type));
  };
  for (ValueId id : graph.inputs) add_value(onnx::graph::kInput, id);
  if (ir_version_ <= kLastIrVersionWithInitializersAsInputs) {
    for (size_t i = 0; i < graph.values.size(); ++i) {
      const Value& value = graph.values[i];
      if (IsConstant(value) && !value.constant_node) {
        add_value(onnx::graph::kInput, static_cast<ValueId>(i));
      }
    }
  }
  for (ValueId id : graph.outputs) add_value(onnx::graph::kOutput, id);
  AppendValueInfos(graph, names, onnx::graph::kValueInfo, /*outputs_too=*/false, writer);
  return message;
}

Result<std::string> GraphWriter::WriteFunction(const Function& function) {
  const Graph& body = *function.body;
  const Names names = NamesOf(body);
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::function::kName, function.name);
  for (ValueId id : body.inputs) {
    writer.add_string(onnx::function::kInput, names[static_cast<size_t>(id)]);
  }
  for (ValueId id : body.outputs) {
    writer.add_string(onnx::function::kOutput, names[static_cast<size_t>(id)]);
  }
  for (const std::string& name : function.attribute_names) {
    writer.add_string(onnx::function::kAttribute, name);
  }
  for (const Attribute& attribute : function.attribute_defaults) {
    ASSAY_ASSIGN_OR_RETURN(const std::string attribute_message, WriteAttribute(attribute));
    writer.add_message(onnx::function::kAttributeDefault, attribute_message);
  }
  ASSAY_RETURN_IF_ERROR(
      AppendConstants(body, names, /*all_as_nodes=*/true, onnx::function::kNode, message));
  for (const Node& node : body.nodes) {
    ASSAY_ASSIGN_OR_RETURN(const std::string node_message, WriteNode(node, names));
    writer.add_message(onnx::function::kNode, node_message);
  }
  for (const auto& [domain, version] : function.opsets) {
    writer.add_message(onnx::function::kOpsetImport, WriteOpsetProto(domain, version));
  }
  writer.add_string(onnx::function::kDomain, function.domain);
  if (!function.overload.empty()) {
    writer.add_string(onnx::function::kOverload, function.overload);
  }
  AppendValueInfos(body, names, onnx::function::kValueInfo, /*outputs_too=*/true, writer);
  return message;
}

Status GraphWriter::AppendConstants(const Graph& graph, const Names& names, bool all_as_nodes,
                                    uint32_t node_field, std::string& message) {
  protozero::pbf_writer writer(message);
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    if (value.weights_absent) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("cannot write weight {}: it was not loaded", Quote(names[i])),
                    "load the model with its external data");
    }
    if (!value.constant) continue;
    if (value.constant_node || all_as_nodes) {
      ASSAY_ASSIGN_OR_RETURN(const std::string node, WriteConstantNode(names[i], value));
      writer.add_message(node_field, node);
    } else {
      ASSAY_RETURN_IF_ERROR(AppendInitializer(names[i], value, message));
    }
  }
  return OkStatus();
}

// Weights inside the model are most of its bytes: they are appended where they belong at once, not
// through nested messages that would copy them again.
Status GraphWriter::AppendInitializer(const std::string& name, const Value& value,
                                      std::string& message) {
  protozero::pbf_writer writer(message);
  if (store_) {
    ASSAY_ASSIGN_OR_RETURN(const std::string external, WriteTensor(name, *value.constant));
    writer.add_message(onnx::graph::kInitializer, external);
    return OkStatus();
  }
  const TensorProtoParts parts = WriteTensorProto(name, *value.constant);
  constexpr uint32_t kTag = onnx::graph::kInitializer << 3 | 2;
  protozero::add_varint_to_buffer(&message, kTag);
  protozero::add_varint_to_buffer(&message, parts.size());
  message += parts.header;
  message += parts.raw;
  return OkStatus();
}

Result<std::string> GraphWriter::WriteTensor(const std::string& name, const Tensor& tensor) {
  if (store_) {
    ASSAY_ASSIGN_OR_RETURN(const std::optional<ExternalLocation> location, store_(name, tensor));
    if (location) {
      return WriteExternalTensorProto(name, tensor, location->file, location->offset,
                                      location->size);
    }
  }
  return Join(WriteTensorProto(name, tensor));
}

Result<std::string> GraphWriter::WriteConstantNode(const std::string& name, const Value& value) {
  std::string attribute;
  protozero::pbf_writer attribute_writer(attribute);
  ASSAY_ASSIGN_OR_RETURN(const std::string tensor, WriteTensor(name, *value.constant));
  attribute_writer.add_string(onnx::attribute::kName, "value");
  attribute_writer.add_message(onnx::attribute::kTensor, tensor);
  AddType(attribute_writer, Type::kTensor);

  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::node::kOutput, name);
  if (value.constant_node && !value.constant_node->empty()) {
    writer.add_string(onnx::node::kName, *value.constant_node);
  }
  writer.add_string(onnx::node::kOpType, "Constant");
  writer.add_message(onnx::node::kAttribute, attribute);
  return message;
}

Result<std::string> GraphWriter::WriteNode(const Node& node, const Names& names) {
  std::string message;
  protozero::pbf_writer writer(message);
  const auto name_of = [&](ValueId id) {
    return id == kNoValue ? std::string() : names[static_cast<size_t>(id)];
  };
  for (size_t i = 0; i < node.formal_inputs(); ++i) {
    writer.add_string(onnx::node::kInput, name_of(node.inputs[i]));
  }
  for (ValueId output : node.outputs) writer.add_string(onnx::node::kOutput, name_of(output));
  if (!node.name.empty()) writer.add_string(onnx::node::kName, node.name);
  writer.add_string(onnx::node::kOpType, node.op);
  for (const Attribute& attribute : node.attributes) {
    Result<std::string> attribute_message = WriteAttribute(attribute);
    if (!attribute_message.ok()) {
      return attribute_message.status().WithContext(
          fmt::format("attribute {} of {}", Quote(attribute.name), NodeText(node.name, node.op)));
    }
    writer.add_message(onnx::node::kAttribute, *attribute_message);
  }
  if (!node.domain.empty()) writer.add_string(onnx::node::kDomain, node.domain);
  if (!node.overload.empty()) writer.add_string(onnx::node::kOverload, node.overload);
  for (const auto& entry : node.metadata) {
    writer.add_message(onnx::node::kMetadata, WriteEntryProto(entry));
  }
  return message;
}

Result<std::string> GraphWriter::WriteAttribute(const Attribute& attribute) {
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::attribute::kName, attribute.name);
  if (!attribute.reference.empty()) {
    writer.add_string(onnx::attribute::kReference, attribute.reference);
    AddType(writer, TypeOf(attribute.value));
    return message;
  }
  if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) {
    ASSAY_ASSIGN_OR_RETURN(const std::string item, WriteInside(*tensor));
    writer.add_message(onnx::attribute::kTensor, item);
  } else if (const auto* tensors = std::get_if<std::vector<Tensor>>(&attribute.value)) {
    for (const Tensor& element : *tensors) {
      ASSAY_ASSIGN_OR_RETURN(const std::string item, WriteInside(element));
      writer.add_message(onnx::attribute::kTensors, item);
    }
  } else if (const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&attribute.value)) {
    ASSAY_ASSIGN_OR_RETURN(const std::string item, WriteGraph(**graph));
    writer.add_message(onnx::attribute::kGraph, item);
  } else if (const auto* graphs =
                 std::get_if<std::vector<std::shared_ptr<const Graph>>>(&attribute.value)) {
    for (const auto& element : *graphs) {
      ASSAY_ASSIGN_OR_RETURN(const std::string item, WriteGraph(*element));
      writer.add_message(onnx::attribute::kGraphs, item);
    }
  } else {
    AddPlainValue(writer, attribute.value);
  }
  AddType(writer, TypeOf(attribute.value));
  return message;
}

std::string WriteEntryProto(const std::pair<std::string, std::string>& entry) {
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::entry::kKey, entry.first);
  writer.add_string(onnx::entry::kValue, entry.second);
  return message;
}

std::string WriteOpsetProto(const std::string& domain, int version) {
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::opset::kDomain, domain);
  writer.add_int64(onnx::opset::kVersion, version);
  return message;
}

}  // namespace assay
