#include "onnx/graph_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/near_names.h"
#include "base/quote.h"
#include "ir/constant_attribute.h"
#include "ir/topology.h"
#include "onnx/attribute_reader.h"
#include "onnx/fields.h"
#include "onnx/type_proto.h"
#include "onnx/wire.h"

namespace assay {
namespace {

constexpr int kMaxGraphDepth = 64;

Status Invalid(std::string message, std::string hint = {}) {
  return Status(StatusCode::kInvalidInput, std::move(message), std::move(hint));
}

// The tensor that a Constant node stands for, from its one attribute; nullopt if it is none of
// those. One that was read as a message keeps what the message says, values left out or not.
std::optional<TensorProto> ConstantProtoOf(ReadAttribute read) {
  const std::string& name = read.attribute.name;
  if (name == "value" || name == "sparse_value") return std::move(read.tensor);
  std::optional<Tensor> tensor = ConstantOf(read.attribute);
  if (!tensor) return std::nullopt;
  return TensorProto{{}, tensor->dtype(), tensor->shape(), std::move(tensor)};
}

std::string NormalDomain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string() : std::string(domain);
}

bool KnowsNothing(const ValueType& type) {
  return type.kind == ValueType::Kind::kTensor && type.dtype == DType::kUndefined && !type.shape;
}

}  // namespace

std::pair<std::string, std::string> ReadEntryProto(std::string_view message) {
  std::pair<std::string, std::string> entry;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::entry::kKey:
        entry.first = reader.Bytes();
        break;
      case onnx::entry::kValue:
        entry.second = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
  return entry;
}

Result<Graph> GraphReader::ReadGraph(std::string_view message) {
  if (depth_ > kMaxGraphDepth) {
    return Invalid(fmt::format("expected graphs nested at most {} deep, got more", kMaxGraphDepth));
  }
  std::vector<std::string_view> nodes;
  std::vector<std::string_view> initializers;
  std::vector<std::string_view> sparse_initializers;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> value_infos;
  bool annotated = false;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::graph::kNode:
        nodes.push_back(reader.Bytes());
        break;
      case onnx::graph::kName:
        graph_.name = reader.Bytes();
        break;
      case onnx::graph::kInitializer:
        initializers.push_back(reader.Bytes());
        break;
      case onnx::graph::kSparseInitializer:
        sparse_initializers.push_back(reader.Bytes());
        break;
      case onnx::graph::kInput:
        inputs.push_back(reader.Bytes());
        break;
      case onnx::graph::kOutput:
        outputs.push_back(reader.Bytes());
        break;
      case onnx::graph::kValueInfo:
        value_infos.push_back(reader.Bytes());
        break;
      case onnx::graph::kQuantizationAnnotation:
        annotated = true;
        reader.Skip();
        break;
      default:
        reader.Skip();
    }
  }
  if (annotated) {
    context_.log->Write(Severity::kVerbose, "ONNX import: quantization annotations are ignored");
  }
  ASSAY_RETURN_IF_ERROR(ReadInitializers(initializers, /*sparse=*/false));
  ASSAY_RETURN_IF_ERROR(ReadInitializers(sparse_initializers, /*sparse=*/true));
  ASSAY_RETURN_IF_ERROR(ReadInputs(inputs));
  ASSAY_RETURN_IF_ERROR(ReadNodes(nodes));
  ASSAY_RETURN_IF_ERROR(ReadTypes(value_infos));
  ASSAY_RETURN_IF_ERROR(ReadOutputs(outputs));
  ASSAY_RETURN_IF_ERROR(ConnectNodes());
  ASSAY_RETURN_IF_ERROR(SortNodes());
  return std::move(graph_);
}

Result<Graph> GraphReader::ReadFunctionBody(const FunctionBody& body) {
  graph_.name = body.name;
  for (std::string_view input : body.inputs) {
    ASSAY_RETURN_IF_ERROR(
        Define(input, graph_.AddInput(std::string(input), {}), "a function input"));
  }
  ASSAY_RETURN_IF_ERROR(ReadNodes(body.nodes));
  ASSAY_RETURN_IF_ERROR(ReadTypes(body.value_infos));
  for (std::string_view output : body.outputs) {
    const ValueId id = Resolve(output);
    if (id == kNoValue) return Undefined(output, "function output");
    graph_.outputs.push_back(id);
  }
  ASSAY_RETURN_IF_ERROR(ConnectNodes());
  ASSAY_RETURN_IF_ERROR(SortNodes());
  return std::move(graph_);
}

Status GraphReader::Define(std::string_view name, ValueId id, std::string_view what) {
  if (name.empty()) return Invalid(fmt::format("{} without a name", what));
  const auto [existing, is_new] = ids_.emplace(name, id);
  if (is_new) return OkStatus();
  const Value& first = graph_.value(existing->second);
  std::string_view first_kind = "a node output";
  if (first.constant || first.weights_absent) first_kind = "an initializer or Constant";
  if (std::find(graph_.inputs.begin(), graph_.inputs.end(), existing->second) !=
      graph_.inputs.end()) {
    first_kind = "an input";
  }
  return Invalid(
      fmt::format("value {} is defined twice: as {} and as {}", Quote(name), first_kind, what),
      "rename one of them; every value of a graph has one definition");
}

Status GraphReader::DefineConstant(std::string_view name, TensorProto proto) {
  const auto id = static_cast<ValueId>(graph_.values.size());
  graph_.AddValue(std::string(name), ValueType::TensorOf(proto.dtype, ToSymbolic(proto.shape)));
  graph_.value(id).weights_absent = !proto.tensor.has_value();
  graph_.value(id).constant = std::move(proto.tensor);
  return Define(name, id, "an initializer or Constant");
}

Status GraphReader::ReadInitializers(const std::vector<std::string_view>& messages, bool sparse) {
  for (std::string_view message : messages) {
    ASSAY_ASSIGN_OR_RETURN(TensorProto proto,
                           sparse ? ReadSparseTensorProto(message, *context_.tensors)
                                  : ReadTensorProto(message, *context_.tensors));
    const std::string name = proto.name;
    ASSAY_RETURN_IF_ERROR(DefineConstant(name, std::move(proto)));
  }
  return OkStatus();
}

Status GraphReader::ReadInputs(const std::vector<std::string_view>& messages) {
  const size_t initializers = graph_.values.size();
  std::unordered_set<ValueId> overridden;
  for (std::string_view message : messages) {
    ASSAY_ASSIGN_OR_RETURN(ValueInfo info, ReadValueInfoProto(message));
    const auto known = ids_.find(info.name);
    const bool is_initializer =
        known != ids_.end() && static_cast<size_t>(known->second) < initializers;
    if (is_initializer && overridden.insert(known->second).second) continue;
    const std::string name = info.name;
    ASSAY_RETURN_IF_ERROR(Define(name, graph_.AddInput(name, std::move(info.type)), "an input"));
  }
  return OkStatus();
}

Status GraphReader::ReadNodes(const std::vector<std::string_view>& messages) {
  pending_.reserve(messages.size());
  for (std::string_view message : messages) {
    PendingNode pending;
    Node& node = pending.node;
    for (WireReader reader(message); reader.Next();) {
      switch (reader.field()) {
        case onnx::node::kInput:
          pending.inputs.push_back(reader.Bytes());
          break;
        case onnx::node::kOutput:
          pending.outputs.push_back(reader.Bytes());
          break;
        case onnx::node::kName:
          node.name = reader.Bytes();
          break;
        case onnx::node::kOpType:
          node.op = reader.Bytes();
          break;
        case onnx::node::kAttribute:
          pending.attributes.push_back(reader.Bytes());
          break;
        case onnx::node::kDomain:
          node.domain = NormalDomain(reader.Bytes());
          break;
        case onnx::node::kOverload:
          node.overload = reader.Bytes();
          break;
        case onnx::node::kMetadata:
          node.metadata.push_back(ReadEntryProto(reader.Bytes()));
          break;
        default:
          reader.Skip();
      }
    }
    if (node.op.empty()) {
      return Invalid(fmt::format("{} without an operator type", NodeText(node.name, {})));
    }
    const auto opset = context_.opsets.find(node.domain);
    const bool has_version = opset != context_.opsets.end() && node.domain != kFusedDomain;
    if (node.domain.empty() && !has_version) {
      return Invalid(
          fmt::format("{}: expected an opset_import of the default domain, got none",
                      NodeText(node.name, node.op)),
          "the version decides what an operator means; onnx.checker refuses such a model too");
    }
    node.opset = has_version ? opset->second : 0;
    ASSAY_ASSIGN_OR_RETURN(const bool is_constant, ReadConstantNode(pending));
    if (is_constant) continue;
    ASSAY_RETURN_IF_ERROR(DefineNodeOutputs(pending));
    pending_.push_back(std::move(pending));
  }
  return OkStatus();
}

Result<bool> GraphReader::ReadConstantNode(const PendingNode& pending) {
  const Node& node = pending.node;
  const bool is_candidate = node.op == "Constant" && node.domain.empty() &&
                            pending.inputs.empty() && pending.outputs.size() == 1 &&
                            !pending.outputs[0].empty() && pending.attributes.size() == 1;
  if (!is_candidate) return false;
  AttributeReaderOptions options;
  options.tensors = context_.tensors;
  options.allow_reference = context_.in_function;
  options.allow_sparse = true;
  options.read_graph = [](std::string_view) -> Result<std::shared_ptr<const Graph>> {
    return Invalid("expected a value, got a graph");
  };
  const std::string output(pending.outputs[0]);
  Result<ReadAttribute> read = ReadAttributeProto(pending.attributes[0], options);
  if (!read.ok()) {
    return read.status().WithContext(
        fmt::format("{} -> {}", NodeText(node.name, node.op), Quote(output)));
  }
  if (!read->attribute.reference.empty()) return false;
  std::optional<TensorProto> proto = ConstantProtoOf(std::move(*read));
  if (!proto) return false;
  ASSAY_RETURN_IF_ERROR(DefineConstant(output, std::move(*proto)));
  graph_.values.back().constant_node = node.name;
  return true;
}

Status GraphReader::DefineNodeOutputs(PendingNode& pending) {
  const auto id = static_cast<NodeId>(pending_.size());
  for (std::string_view output : pending.outputs) {
    if (output.empty()) {
      pending.node.outputs.push_back(kNoValue);
      continue;
    }
    const ValueId value = graph_.AddValue(std::string(output));
    graph_.value(value).producer = id;
    pending.node.outputs.push_back(value);
    ASSAY_RETURN_IF_ERROR(
        Define(output, value,
               fmt::format("an output of {}", NodeText(pending.node.name, pending.node.op))));
  }
  return OkStatus();
}

Status GraphReader::ReadTypes(const std::vector<std::string_view>& value_infos) {
  for (std::string_view message : value_infos) {
    ASSAY_ASSIGN_OR_RETURN(ValueInfo info, ReadValueInfoProto(message));
    const auto known = ids_.find(info.name);
    if (known == ids_.end()) continue;
    Value& value = graph_.value(known->second);
    if (!KnowsNothing(info.type) && KnowsNothing(value.type)) value.type = std::move(info.type);
  }
  return OkStatus();
}

Status GraphReader::ReadOutputs(const std::vector<std::string_view>& messages) {
  for (std::string_view message : messages) {
    ASSAY_ASSIGN_OR_RETURN(ValueInfo info, ReadValueInfoProto(message));
    const ValueId id = Resolve(info.name);
    if (id == kNoValue) return Undefined(info.name, "graph output");
    graph_.outputs.push_back(id);
    Value& value = graph_.value(id);
    if (value.producer == kNoNode || KnowsNothing(info.type)) continue;
    if (info.type.kind == ValueType::Kind::kTensor && !info.type.shape &&
        value.type.kind == ValueType::Kind::kTensor && value.type.dtype == info.type.dtype) {
      continue;
    }
    value.type = std::move(info.type);
  }
  return OkStatus();
}

ValueId GraphReader::Resolve(std::string_view name) {
  if (const auto known = ids_.find(name); known != ids_.end()) return known->second;
  if (outer_ == nullptr || name.empty()) return kNoValue;
  const ValueId outer_id = outer_->Resolve(name);
  if (outer_id == kNoValue) return kNoValue;
  const ValueId id = graph_.AddValue(std::string(name), outer_->graph_.value(outer_id).type);
  graph_.captures.emplace_back(id, std::string(name));
  ids_.emplace(name, id);
  return id;
}

Status GraphReader::Undefined(std::string_view name, std::string_view reader) const {
  std::vector<std::string_view> names;
  for (const GraphReader* scope = this; scope != nullptr; scope = scope->outer_) {
    for (const auto& [known, id] : scope->ids_) names.push_back(known);
  }
  return Invalid(fmt::format("undefined value: {} reads {}, which no input, initializer or node "
                             "defines",
                             reader, Quote(name)),
                 DidYouMean(name, names));
}

Status GraphReader::ConnectNodes() {
  for (PendingNode& pending : pending_) {
    const NodeId id = graph_.AddNode(std::move(pending.node));
    for (size_t i = 0; i < pending.inputs.size(); ++i) {
      const std::string_view input = pending.inputs[i];
      const ValueId value = input.empty() ? kNoValue : Resolve(input);
      if (value == kNoValue && !input.empty()) {
        return Undefined(input, fmt::format("input {} of {}", i, graph_.NodeLabel(id)));
      }
      graph_.node(id).inputs.push_back(value);
    }
    const Status status = ReadAttributes(pending, graph_.node(id));
    if (!status.ok()) return status.WithContext(graph_.NodeLabel(id));
  }
  pending_.clear();
  return OkStatus();
}

Status GraphReader::ReadAttributes(const PendingNode& pending, Node& node) {
  AttributeReaderOptions options;
  options.tensors = context_.tensors;
  options.allow_reference = context_.in_function;
  options.read_graph = [&](std::string_view message) -> Result<std::shared_ptr<const Graph>> {
    GraphReader reader(context_, this);
    ASSAY_ASSIGN_OR_RETURN(Graph graph, reader.ReadGraph(message));
    return std::shared_ptr<const Graph>(std::make_shared<Graph>(std::move(graph)));
  };
  for (std::string_view message : pending.attributes) {
    ASSAY_ASSIGN_OR_RETURN(ReadAttribute read, ReadAttributeProto(message, options));
    if (node.FindAttribute(read.attribute.name) != nullptr) {
      return Invalid(fmt::format("attribute {} is given twice", Quote(read.attribute.name)));
    }
    node.attributes.push_back(std::move(read.attribute));
  }
  return OkStatus();
}

Status GraphReader::SortNodes() {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<NodeId> order, TopologicalOrder(graph_));
  if (std::is_sorted(order.begin(), order.end())) return OkStatus();
  context_.log->Write(
      Severity::kVerbose,
      fmt::format("ONNX import: the nodes of graph {} were not in topological order "
                  "and were sorted",
                  Quote(graph_.name)));
  ReorderNodes(graph_, order);
  return OkStatus();
}

}  // namespace assay
