#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/near_names.h"
#include "ops/op_def.h"

namespace assay {
namespace {

std::string DomainName(std::string_view domain) {
  return domain.empty() ? "ai.onnx" : std::string(domain);
}

Status UnknownOperator(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::vector<std::string_view> names;
  for (const OpDef* op : AllOps()) {
    if (op->domain == node.domain && op->domain != kFusedDomain) names.push_back(op->name);
  }
  return Status(StatusCode::kUnsupported,
                fmt::format("unknown operator \"{}\" of domain \"{}\", opset {} ({})", node.op,
                            DomainName(node.domain), node.opset, graph.NodeLabel(id)),
                DidYouMean(node.op, names));
}

struct Limits {
  size_t least = 0;
  size_t most = 0;
};

template <typename Params>
Limits CountLimits(const Params& params) {
  Limits limits;
  for (const FormalParam& param : params) {
    ++limits.most;
    if (param.arity == Arity::kRequired) limits.least = limits.most;
    if (param.arity == Arity::kVariadic) limits.most = SIZE_MAX;
  }
  return limits;
}

Status CheckCount(std::string_view what, size_t got, Limits limits) {
  if (got >= limits.least && got <= limits.most) return OkStatus();
  std::string expected = std::to_string(limits.least);
  if (limits.most == SIZE_MAX)
    expected = "at least " + expected;
  else if (limits.most != limits.least)
    expected += " to " + std::to_string(limits.most);
  return Status(StatusCode::kInvalidInput,
                fmt::format("number of {}: expected {}, got {}", what, expected, got));
}

std::string_view KindName(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::kInt:
      return "int";
    case AttributeKind::kFloat:
      return "float";
    case AttributeKind::kString:
      return "string";
    case AttributeKind::kTensor:
      return "tensor";
    case AttributeKind::kGraph:
      return "graph";
    case AttributeKind::kInts:
      return "ints";
    case AttributeKind::kFloats:
      return "floats";
    case AttributeKind::kStrings:
      return "strings";
    case AttributeKind::kType:
      return "type";
  }
  return "?";
}

bool HasKind(const AttributeValue& value, AttributeKind kind) {
  switch (kind) {
    case AttributeKind::kInt:
      return std::holds_alternative<int64_t>(value);
    case AttributeKind::kFloat:
      return std::holds_alternative<float>(value);
    case AttributeKind::kString:
      return std::holds_alternative<std::string>(value);
    case AttributeKind::kTensor:
      return std::holds_alternative<Tensor>(value);
    case AttributeKind::kGraph: {
      const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&value);
      return graph != nullptr && *graph != nullptr;
    }
    case AttributeKind::kInts:
      return std::holds_alternative<std::vector<int64_t>>(value);
    case AttributeKind::kFloats:
      return std::holds_alternative<std::vector<float>>(value);
    case AttributeKind::kStrings:
      return std::holds_alternative<std::vector<std::string>>(value);
    case AttributeKind::kType:
      return std::holds_alternative<ValueType>(value);
  }
  return false;
}

Status CheckAttributes(const Node& node, const OpSchema& schema) {
  for (const Attribute& attribute : node.attributes) {
    const AttributeDef* definition = nullptr;
    std::vector<std::string_view> names;
    for (const AttributeDef& candidate : schema.attributes) {
      names.push_back(candidate.name);
      if (candidate.name == attribute.name) definition = &candidate;
    }
    if (definition == nullptr) {
      return Status(
          StatusCode::kInvalidInput,
          fmt::format("unknown attribute \"{}\" under opset {}", attribute.name, node.opset),
          DidYouMean(attribute.name, names));
    }
    if (!HasKind(attribute.value, definition->kind)) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("attribute \"{}\": expected kind {}, got another", attribute.name,
                                KindName(definition->kind)));
    }
  }
  for (const AttributeDef& definition : schema.attributes) {
    if (definition.required && node.FindAttribute(definition.name) == nullptr) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("required attribute \"{}\" is missing", definition.name));
    }
  }
  return OkStatus();
}

Status CheckAgainstSchema(const Node& node, const OpSchema& schema) {
  ASSAY_RETURN_IF_ERROR(CheckCount("inputs", node.formal_inputs(), CountLimits(schema.inputs)));
  ASSAY_RETURN_IF_ERROR(CheckCount("outputs", node.outputs.size(), CountLimits(schema.outputs)));
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    const FormalParam& param = schema.inputs[i];
    if (param.arity == Arity::kRequired && node.inputs[i] == kNoValue) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("required input {} (\"{}\") is left out", i, param.name));
    }
  }
  return CheckAttributes(node, schema);
}

}  // namespace

Status CheckNode(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const OpDef* op = FindOp(node.domain, node.op);
  if (op == nullptr || (node.domain == kFusedDomain && node.opset == 0)) {
    return UnknownOperator(graph, id);
  }
  const OpSchema* schema = op->SchemaFor(node.opset);
  if (schema == nullptr) {
    return Status(
        StatusCode::kUnsupported,
        fmt::format("operator \"{}\" of domain \"{}\" is not known under opset {}: expected "
                    "at least opset {} ({})",
                    node.op, DomainName(node.domain), node.opset, op->schemas[0].since,
                    graph.NodeLabel(id)),
        "convert the model to a newer opset");
  }
  return CheckAgainstSchema(node, *schema).WithContext(graph.NodeLabel(id));
}

}  // namespace assay
