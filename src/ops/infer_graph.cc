#include "ops/infer_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "ir/captures.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"

namespace assay {
namespace {

const FormalParam& ParamAt(const InlineList<FormalParam, 18>& params, size_t i) {
  return params[std::min(i, params.size() - 1)];
}

class Inference {
 public:
  Inference(Graph& graph, std::vector<std::string>* notes)
      : graph_(graph), contents_(graph.values.size()), notes_(notes) {}

  Status Run() {
    BindCaptures(graph_);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      ASSAY_RETURN_IF_ERROR(CheckNode(graph_, id));
      if (Status status = InferNode(graph_.node(id)); !status.ok()) {
        return status.WithContext(graph_.NodeLabel(id));
      }
    }
    return OkStatus();
  }

  std::vector<InferredContents> TakeContents() { return std::move(contents_); }

 private:
  Status CheckInputTypes(const Node& node, const OpSchema& schema) const {
    for (size_t i = 0; i < node.formal_inputs(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      const Value& value = graph_.value(node.inputs[i]);
      const FormalParam& param = ParamAt(schema.inputs, i);
      if (!Permits(param.kinds, value.type.kind)) {
        return OpContext::Invalid(fmt::format("input {} (\"{}\"): {} is not permitted here", i,
                                              value.name, value.type.ToString()));
      }
      const DType dtype = ElementType(value.type);
      if (dtype == DType::kUndefined) {
        return OpContext::Invalid(
            fmt::format("input \"{}\" has no known element type", value.name));
      }
      if (!param.types.Contains(dtype)) {
        return OpContext::Invalid(
            fmt::format("input {} (\"{}\"): element type {} is not permitted here", i, value.name,
                        DTypeName(dtype)));
      }
    }
    return OkStatus();
  }

  static bool Permits(const ValueKinds& kinds, ValueType::Kind kind) {
    switch (kind) {
      case ValueType::Kind::kTensor:
        return kinds.tensor;
      case ValueType::Kind::kSequence:
        return kinds.sequence;
      case ValueType::Kind::kOptional:
        return kinds.optional;
      default:
        return false;
    }
  }

  // Of the tensors inside a sequence or optional.
  static DType ElementType(const ValueType& type) {
    const ValueType* inside = &type;
    while (inside->element != nullptr) inside = inside->element.get();
    return inside->dtype;
  }

  Status InferNode(Node& node) {
    const OpDef& op = *FindOp(node.domain, node.op);
    const OpSchema& schema = *op.SchemaFor(node.opset);
    ASSAY_RETURN_IF_ERROR(CheckInputTypes(node, schema));
    std::vector<InferContext::Input> inputs;
    for (ValueId id : node.inputs) {
      if (id == kNoValue) {
        inputs.emplace_back();
        continue;
      }
      const Value& value = graph_.value(id);
      const auto& contents = contents_[static_cast<size_t>(id)];
      inputs.push_back({&value.type, value.constant ? &*value.constant : nullptr,
                        contents ? &*contents : nullptr});
    }
    std::vector<std::pair<std::string, std::shared_ptr<const Graph>>> bodies;
    InferContext context(
        node, schema, std::move(inputs),
        [&](std::string_view name, std::vector<ValueType> types) -> Result<std::vector<ValueType>> {
          ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const Graph> body,
                                 InferredBody(node, name, std::move(types)));
          std::vector<ValueType> outputs;
          for (ValueId id : body->outputs) outputs.push_back(body->value(id).type);
          bodies.emplace_back(name, body);
          return outputs;
        });
    ASSAY_RETURN_IF_ERROR(op.infer(context));
    for (auto& [name, body] : bodies) {
      for (Attribute& attribute : node.attributes) {
        if (attribute.name == name) attribute.value = body;
      }
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        ASSAY_RETURN_IF_ERROR(Store(node.outputs[i], context.outputs()[i]));
      }
    }
    return OkStatus();
  }

  // A copy of a body with types and shapes that follow from those of its inputs and captures.
  Result<std::shared_ptr<const Graph>> InferredBody(const Node& node, std::string_view name,
                                                    std::vector<ValueType> types) const {
    const std::optional<NodeBody> found = FindBody(node, name);
    if (!found) {
      return OpContext::Invalid(fmt::format("attribute \"{}\": expected a graph, got none", name));
    }
    auto body = std::make_shared<Graph>(*found->graph);
    if (types.size() != body->inputs.size()) {
      return OpContext::Invalid(fmt::format("inputs of the graph \"{}\": expected {}, got {}", name,
                                            types.size(), body->inputs.size()));
    }
    for (size_t i = 0; i < types.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(SetBodyInput(body->value(body->inputs[i]), std::move(types[i]), name));
    }
    for (size_t i = 0; i < body->captures.size(); ++i) {
      body->value(body->captures[i].first).type =
          graph_.value(node.inputs[found->first_capture + i]).type;
    }
    // What inference found for other inputs may not hold for these.
    for (Value& value : body->values) {
      if (value.producer != kNoNode) value.type.shape.reset();
    }
    auto blind = std::make_shared<Graph>(*body);
    const Status status = InferGraph(*body, {}, notes_);
    if (status.ok()) return std::shared_ptr<const Graph>(std::move(body));
    // A branch that does not fit these shapes may be one that never runs with them.
    if (node.op == "If" && InferWithoutShapes(*blind).ok()) {
      return std::shared_ptr<const Graph>(std::move(blind));
    }
    return status.WithContext(fmt::format("graph \"{}\"", name));
  }

  static Status InferWithoutShapes(Graph& body) {
    for (ValueId id : body.inputs) body.value(id).type.shape.reset();
    for (const auto& capture : body.captures) body.value(capture.first).type.shape.reset();
    return InferGraph(body);
  }

  static Status SetBodyInput(Value& value, ValueType type, std::string_view body) {
    const bool differs = value.type.kind == ValueType::Kind::kTensor &&
                         type.kind == ValueType::Kind::kTensor &&
                         value.type.dtype != DType::kUndefined && value.type.dtype != type.dtype;
    if (differs) {
      return OpContext::Invalid(fmt::format("input \"{}\" of the graph \"{}\": expected {}, got {}",
                                            value.name, body, DTypeName(value.type.dtype),
                                            DTypeName(type.dtype)));
    }
    value.type = std::move(type);
    return OkStatus();
  }

  Status Store(ValueId id, InferContext::Output& output) {
    Value& value = graph_.value(id);
    ASSAY_RETURN_IF_ERROR(Merge(value, output.type));
    if (output.contents && FitInto(value.type.dtype, *output.contents)) {
      contents_[static_cast<size_t>(id)] = std::move(output.contents);
    }
    return OkStatus();
  }

  // Numbers that the type does not hold have wrapped.
  static bool FitInto(DType dtype, const std::vector<Dim>& contents) {
    if (!IsInteger(dtype)) return true;
    const IntegerRange range = IntegerRangeOf(dtype);
    return std::ranges::all_of(contents, [&](const Dim& dim) {
      return !dim.IsKnown() || (dim.value() >= range.min && dim.value() <= range.max);
    });
  }

  // Takes the inferred type; what the model declares may add known extents but not contradict.
  Status Merge(Value& value, ValueType& inferred) {
    const ValueType declared = value.type;
    if (inferred.kind == ValueType::Kind::kTensor && inferred.dtype == DType::kUndefined) {
      return Status(StatusCode::kInternal,
                    fmt::format("no type was inferred for \"{}\"", value.name));
    }
    value.type = std::move(inferred);
    if (declared.kind != ValueType::Kind::kTensor || value.type.kind != ValueType::Kind::kTensor) {
      return OkStatus();
    }
    if (declared.dtype != DType::kUndefined && declared.dtype != value.type.dtype) {
      return OpContext::Invalid(fmt::format("type of \"{}\": the model declares {}, but it is {}",
                                            value.name, DTypeName(declared.dtype),
                                            DTypeName(value.type.dtype)));
    }
    if (!declared.shape) return OkStatus();
    if (!value.type.shape) {
      value.type.shape = declared.shape;
      return OkStatus();
    }
    MergeShape(value, *declared.shape);
    return OkStatus();
  }

  void MergeShape(Value& value, const SymbolicShape& declared) {
    SymbolicShape& shape = *value.type.shape;
    bool fits = shape.size() == declared.size();
    for (size_t i = 0; fits && i < shape.size(); ++i) {
      if (shape[i].IsKnown() && declared[i].IsKnown()) {
        fits = shape[i].value() == declared[i].value();
      } else if (!shape[i].IsKnown() && !shape[i].IsSymbolic()) {
        shape[i] = declared[i];
      }
    }
    if (fits || notes_ == nullptr) return;
    notes_->push_back(fmt::format("shape of \"{}\": the model declares {}, but it is {}",
                                  value.name, ToString(declared), ToString(shape)));
  }

  Graph& graph_;
  std::vector<InferredContents> contents_;
  std::vector<std::string>* notes_;
};

Status OverrideInputShapes(Graph& graph, const InferOptions& options) {
  for (const auto& [name, shape] : options.input_shapes) {
    for (ValueId id : graph.inputs) {
      Value& value = graph.value(id);
      if (value.name != name) continue;
      if (value.type.shape && value.type.shape->size() != static_cast<size_t>(shape.rank())) {
        return Status(StatusCode::kUsage,
                      fmt::format("shape of input \"{}\": expected rank {}, got {}", name,
                                  value.type.shape->size(), shape.ToString()));
      }
      value.type.shape = ToSymbolic(shape);
    }
  }
  return OkStatus();
}

}  // namespace

Status InferGraph(Graph& graph, const InferOptions& options, std::vector<std::string>* notes,
                  std::vector<InferredContents>* contents) {
  ASSAY_RETURN_IF_ERROR(OverrideInputShapes(graph, options));
  Inference inference(graph, notes);
  ASSAY_RETURN_IF_ERROR(inference.Run());
  if (contents != nullptr) *contents = inference.TakeContents();
  return OkStatus();
}

}  // namespace assay
