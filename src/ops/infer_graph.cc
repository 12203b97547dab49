#include "ops/infer_graph.h"

#include <fmt/format.h>

#include <optional>

#include "ops/infer_context.h"
#include "ops/op_def.h"

namespace assay {
namespace {

const FormalParam& ParamAt(const InlineList<FormalParam, 12>& params, size_t i) {
  return params[std::min(i, params.size() - 1)];
}

class Inference {
 public:
  Inference(Graph& graph, std::vector<std::string>* notes)
      : graph_(graph), contents_(graph.values.size()), notes_(notes) {}

  Status Run() {
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
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      const Value& value = graph_.value(node.inputs[i]);
      if (value.type.kind != ValueType::Kind::kTensor) continue;
      const FormalParam& param = ParamAt(schema.inputs, i);
      if (value.type.dtype == DType::kUndefined) {
        return OpContext::Invalid(
            fmt::format("input \"{}\" has no known element type", value.name));
      }
      if (!param.types.Contains(value.type.dtype)) {
        return OpContext::Invalid(
            fmt::format("input {} (\"{}\"): element type {} is not permitted here", i, value.name,
                        DTypeName(value.type.dtype)));
      }
    }
    return OkStatus();
  }

  Status InferNode(const Node& node) {
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
    InferContext context(node, schema, std::move(inputs));
    ASSAY_RETURN_IF_ERROR(op.infer(context));
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        ASSAY_RETURN_IF_ERROR(Store(node.outputs[i], context.outputs()[i]));
      }
    }
    return OkStatus();
  }

  Status Store(ValueId id, InferContext::Output& output) {
    Value& value = graph_.value(id);
    ASSAY_RETURN_IF_ERROR(Merge(value, output.type));
    contents_[static_cast<size_t>(id)] = std::move(output.contents);
    return OkStatus();
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
